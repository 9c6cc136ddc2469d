import type { Exception } from "./checks/glossary.ts";

/** Where a word of the glossary's last column is meant as somebody else's word. Each says whose; one that nothing needs goes. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    word: "target",
    says: /targets|TargetFile|targetFile|getTargetInfo/i,
    why: "TUF's own targets role, and the files that it signs",
  },
  {
    word: "target",
    within: "src/tuf-client.ts",
    says: /^(--)?target-(name|base-url|dir)$/,
    why: "flags of TUF's conformance suite",
  },
  {
    word: "target",
    within: "src/adapters/",
    says: /^target$/,
    why: "what a link points at; the buffer that is read into",
  },
  { word: "target", within: "src/ports/file-system.ts", says: /^target$/, why: "what a link points at; the buffer" },
  { word: "target", within: "src/store/", says: /^target$/, why: "what a link points at" },
  {
    word: "target",
    within: "src/ops/rollback.ts",
    says: /^target(Of)?$/,
    why: "the generation that a rollback restates",
  },
  {
    word: "index",
    says: /^(index|indexOf|lastIndexOf|findIndex|findLastIndex|lastIndex)$/,
    why: "a place in a list, in the language's own names",
  },
  { word: "index", says: /^(writeIndex|index)$/, why: "index/ of the managed tree: what launchers read" },
  {
    word: "index",
    within: "src/store/",
    says: /index/i,
    why: "index/ of the managed tree: what launchers read",
  },
  { word: "index", within: "templates/", says: /index/, why: "index/ of the managed tree: what launchers read" },
  { word: "state", says: /\/proc\/PID\/stat/, why: "of a process, as the kernel tells it" },
  {
    word: "stale",
    within: "src/adapters/writer-lock.ts",
    says: /^(stale|STALE_MS)$/,
    why: "proper-lockfile's own option",
  },
  {
    word: "state",
    within: "src/",
    says: /^(?!.*generation)\w+$/i,
    why: "of a deployment, a lease or a process",
  },
  { word: "state", says: /state[:,]/, why: "of a deployment: a member of docs/CLI.md" },
  { word: "current", within: "src/cli/completions/zsh.ts", says: /CURRENT/, why: "zsh's own variable" },
  {
    word: "latest",
    says: /^(tells no )?latest_block_(height|hash)/,
    why: "members of what a CometBFT node answers",
  },
  { word: "user", within: "src/cli/render/picture/patterns.ts", says: /userSpaceOnUse/, why: "SVG's own word" },
  { word: "user", says: /^(userId|userInfo|userAgent)$/, why: "the operating system's user; HTTP's own word" },
  { word: "user", within: "src/adapters/fetch/", says: /^user-agent$/, why: "HTTP's own word" },
  {
    word: "user",
    within: "src/cli/parser.ts",
    says: /^user$/,
    why: "commander's own word for where arguments come from",
  },
  {
    word: "target",
    within: "templates/services/systemd/",
    says: /^(@SYSTEM@)?(Wants|After|WantedBy)=[a-z-]+\.target$/,
    why: "systemd's own word",
  },
  { word: "target", within: "src/core/service/", says: /\.target(\.wants)?$/, why: "systemd's own word" },
  {
    word: "user",
    within: "templates/services/",
    says: /^@SYSTEM@(User=@ACCOUNT@| {2}<key>UserName<\/key>)$/,
    why: "systemd's and launchd's own words",
  },
  {
    word: "user",
    within: "src/core/service/",
    says: /^(@SYSTEM@(User=@ACCOUNT@| {2}<key>UserName<\/key>)|multi-user(\.target)?|systemctl --user)$/,
    why: "systemd's and launchd's own words",
  },
  { word: "user", within: "src/cli/service-folders.ts", says: /^\/systemd\/user$/, why: "a folder of systemd's" },
  {
    word: "package",
    says: /(^| )package\/( for --npm|$)/,
    why: "the folder in npm's archives",
  },
];
