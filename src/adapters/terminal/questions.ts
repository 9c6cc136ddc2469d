// Loaded with the first question. By their names, so that the build leaves out what nobody asks with (an editor, and its encodings).
export { checkbox, confirm, password } from "@inquirer/prompts";
