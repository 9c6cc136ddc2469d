// Words that every Node there ever was can parse: it has to live long enough to say that it is too old.
var FLOOR = [24, 20];
var EVERYBODY_WRITES = 2;
var found = process.versions.node.split(".").map(Number);
var fs = require("fs");
var path = require("path");
// This lies in bin/. Paths are put together by hand: what Node has for it takes longer to compile than to do.
var root = __dirname.slice(0, -"/bin".length);
var command = root + path.sep + "dist" + path.sep + "command" + path.sep;
var codeCache = command + "code-cache" + path.sep + [process.version, process.platform, process.arch, buildId()].join("-") + path.sep;

if (found[0] < FLOOR[0] || (found[0] === FLOOR[0] && found[1] < FLOOR[1])) {
  process.stderr.write(
    "enginery: error node-too-old This is Node " + process.versions.node + ", and Enginery needs " + FLOOR.join(".") + " or later.\n" +
      "Install a later Node, or name one: ENGINERY_NODE=/path/to/node.\n"
  );
  process.exitCode = process.argv[2] === "exec" ? 127 : 7;
} else if (process.argv.length === 3 && /^(--version|-V)$/.test(process.argv[2])) {
  // Answered before anything is loaded.
  process.stdout.on("error", tellLost);
  process.stdout.write("enginery " + require("../package.json").version + "\n");
} else if (fs.existsSync(codeCache)) {
  begin(cachedLoader());
} else {
  // Beside the code, where only its owner writes: a cache that others write to could be somebody else's code.
  if ((process.umask() & EVERYBODY_WRITES) !== 0) require("module").enableCompileCache(root + path.sep + "dist" + path.sep + ".compile-cache");
  if (fs.existsSync(command)) begin(require("../dist/command/load.cjs").load);
  else import("../src/main.ts");
}

/** Of the files in dist/command/: V8 holds compiled code against no more of its source than the length. */
function buildId() {
  try {
    return fs.readFileSync(command + "build-id", "latin1");
  } catch (_) {
    return "";
  }
}

/** As src/main.ts does: whoever reads may stop reading; a full disk is a failure. */
function tellLost(error) {
  if (error.code === "EPIPE") return;
  process.exitCode = 7;
  process.stderr.on("error", function () {});
  process.stderr.write("enginery: error io The answer could not be written to stdout: " + error.message + ".\nGive stdout some room and ask again.\n");
}

function begin(load) {
  load("start")["src/main.ts"]();
}

/**
 * Loads the files of dist/command/ with the code that the build compiled for this very Node (scripts/build/code-cache.ts), for the verb
 * that is asked where there is any. V8 passes over what was compiled by another version or with other flags; the folder's name is of this source.
 */
function cachedLoader() {
  var vm = require("vm");
  var verb = /^[a-z_]+$/.test(process.argv[2]) ? [process.argv[2]] : [];
  var loaded = {};

  function load(name) {
    if (loaded[name]) return loaded[name].exports;
    var text = fs.readFileSync(command + name + ".cjs", "latin1");
    // compiled code holds this name: it has the same bytes wherever it was built
    var script = new vm.Script(text, { filename: "enginery/" + name + ".cjs", cachedData: compiled(name) });
    var module = (loaded[name] = { exports: {}, script: script });
    script.runInThisContext()(module.exports, requireFrom, module);
    return module.exports;
  }

  function compiled(name) {
    var found;
    verb.concat("other", "upgrade").some(function (each) {
      try {
        found = fs.readFileSync(codeCache + each + "." + name);
      } catch (_) {}
      return found;
    });
    return found;
  }

  // the files ask for each other and for Node's own modules, and for nothing else
  function requireFrom(name) {
    return name === "./load.cjs" ? { load: load } : require(name);
  }

  exports.loaded = loaded;
  return load;
}
