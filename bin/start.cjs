// Words that every Node there ever was can parse: it has to live long enough to say that it is too old.
var FLOOR = [24, 20];
var found = process.versions.node.split(".").map(Number);
var path = require("path");
var root = path.join(__dirname, "..");

if (found[0] < FLOOR[0] || (found[0] === FLOOR[0] && found[1] < FLOOR[1])) {
  process.stderr.write(
    "enginery: error node-too-old This is Node " + process.versions.node + ", and Enginery needs " + FLOOR.join(".") + " or later.\n" +
      "Install a later Node, or name one: ENGINERY_NODE=/path/to/node.\n"
  );
  process.exitCode = process.argv[2] === "exec" ? 127 : 7;
} else if (process.argv.length === 3 && /^(--version|-V)$/.test(process.argv[2])) {
  // Answered before anything is loaded.
  process.stdout.write("enginery " + require("../package.json").version + "\n");
} else if (require("fs").existsSync(path.join(root, "dist", "main.js"))) {
  import("../dist/main.js");
} else {
  import("../src/main.ts");
}
