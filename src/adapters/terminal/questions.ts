/** The questions' libraries by names of their own: what a built file hands over as a library's default is not what the source sees. */
export { default as checkbox } from "@inquirer/checkbox";
export { default as confirm } from "@inquirer/confirm";
export { default as password } from "@inquirer/password";
