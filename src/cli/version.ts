/** As in package.json: a test holds them together. Nothing is read to answer --version. */
export const VERSION = "0.1.0";
