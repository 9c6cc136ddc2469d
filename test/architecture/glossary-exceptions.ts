import type { Exception } from "./checks/glossary.ts";

/** Where a word of the glossary's last column is meant as somebody else's word. Each says whose; one that nothing needs goes. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    word: "target",
    within: "src/adapters/tuf/",
    says: /target/i,
    why: "TUF's own word for what its targets role signs",
  },
  { word: "target", within: "src/ports/authoring.ts", says: /targets/i, why: "TUF's own targets role" },
  { word: "target", within: "src/ops/publisher.ts", says: /^targets$/, why: "TUF's own targets role" },
  {
    word: "target",
    within: "src/ports/file-system.ts",
    says: /^target$/,
    why: "what a link points at; the buffer that is read into",
  },
  {
    word: "index",
    says: /^(index|indexOf|lastIndexOf|findIndex|findLastIndex)$/,
    why: "a place in a list, and the language's own names",
  },
  {
    word: "index",
    says: /^(writeIndex|INDEX_\w+|index\/?)$/,
    why: "index/ of the managed tree: what the launchers read, not the manifest",
  },
  { word: "state", says: /^(state|DeploymentState)$/, why: "of a deployment or of a lease; a member of docs/CLI.md" },
  { word: "user", says: /^(userId|userInfo)$/, why: "the operating system's user" },
  {
    word: "user",
    within: "src/cli/parser.ts",
    says: /^user$/,
    why: "commander's own word for where arguments come from",
  },
];
