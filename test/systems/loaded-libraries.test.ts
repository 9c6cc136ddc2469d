import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { sound, told } from "../engines/support/command.ts";
import { pathOf, reasonToSkip } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { must } from "../engines/support/prepare.ts";
import { holdHost, LibraryChannel, runHost } from "./support/libraries.ts";
import { LIBRARY_OF, prepareHost, prepareMozjs, prepareWasmtime, SOURCES } from "./support/prepare-libraries.ts";

const host = prepareHost();
const [OLD, NEW] = ["9.0.0", "46.0.1"] as const;
const wasmtime = { [OLD]: prepareWasmtime(OLD), [NEW]: prepareWasmtime(NEW) };
const mozjs = { "78.15.0": prepareMozjs("78.15.0"), "102.15.1": prepareMozjs("102.15.1") };
const WASMTIME = `engine: Wasmtime ${OLD}, ${NEW} (wheels)`;
const MOZJS = "engine: SpiderMonkey 78.15.0, 102.15.1 (Debian's libmozjs)";
/** The version behind the names of C++. */
const ASK_MOZJS = ["--ask", "text:_Z27JS_GetImplementationVersionv", "--try", "identifier:_Z15JS_IsIdentifierPKDsm"];
const ASK_WASMTIME = ["--ask", "wasmtime", "--try", "tail-calls"];
/** A cluster that stays where it was made, by its pin. */
const CLUSTER = "cluster-1";

describe("H5: two Wasmtime dylibs", { skip: reasonToSkip(host, ...Object.values(wasmtime)) }, () => {
  const work = temporaryFolder();
  let home: string;

  before(async () => {
    const release = (version: keyof typeof wasmtime, validFrom: number) => {
      return { engine: "wasmtime", version, validFrom, files: { [LIBRARY_OF.wasmtime]: pathOf(wasmtime[version]) } };
    };
    ({ home } = await LibraryChannel.begin(work, [release(OLD, 100), release(NEW, 200)], 250));
    await sound(["pin", CLUSTER, `wasmtime@${OLD}`], { home });
  });

  it("H5: two Wasmtime dylibs in one process: each says its version, and they differ on a module", async (t) => {
    t.diagnostic(WASMTIME);
    const asked = ["--epoch", "199", "wasmtime", "--epoch", "200", "wasmtime", "--epoch", "-", "wasmtime"];
    await using held = await holdHost(pathOf(host), home, [...ASK_WASMTIME, ...asked, "--tenant", CLUSTER, "wasmtime"]);
    assert.deepEqual(
      held.lines.map(([, version, because, , says, does]) => [version, because, says, does?.replace(/:.*/, "")]),
      [
        [OLD, "schedule", "9.0.0", "refuses tail calls"],
        [NEW, "schedule", "46", "takes tail calls"],
        [NEW, "schedule", "46", "takes tail calls"],
        [OLD, "pin", "9.0.0", "refuses tail calls"],
      ],
    );
  });

  it("H5: two Wasmtime dylibs by their names in lib/, as hosts load that know versions alone", async (t) => {
    t.diagnostic(WASMTIME);
    const ran = await runHost(pathOf(host), home, [
      ...ASK_WASMTIME,
      "--link",
      "wasmtime",
      "--tenant",
      CLUSTER,
      "wasmtime",
    ]);
    assert.equal(ran.status, 0, told(ran));
    const paths = ran.stdout.split("\n").map((line) => line.split("\t")[3]);
    assert.deepEqual(
      paths.slice(0, 2),
      ["46.0", "9.0"].map((version) => join(home, "lib", `libwasmtime.so.${version}`)),
    );
  });
});

describe("H5: two SpiderMonkeys", { skip: reasonToSkip(host, ...Object.values(mozjs)) }, () => {
  const work = temporaryFolder();

  it("H5: two SpiderMonkeys in one process: each says its version, and they differ on what a name is", async (t) => {
    t.diagnostic(MOZJS);
    const releases = (["78.15.0", "102.15.1"] as const).map((version, at) => {
      return { engine: "mozjs", version, validFrom: 10 * at, files: { [LIBRARY_OF.mozjs]: pathOf(mozjs[version]) } };
    });
    const { home } = await LibraryChannel.begin(work, releases);
    await using held = await holdHost(pathOf(host), home, [
      ...ASK_MOZJS,
      "--epoch",
      "9",
      "mozjs",
      "--epoch",
      "10",
      "mozjs",
    ]);
    assert.deepEqual(
      held.lines.map(([, version, , , says, does]) => [version, says, does]),
      [
        ["78.15.0", "JavaScript-C78.15.0", "refuses U+0870 in a name"],
        ["102.15.1", "JavaScript-C102.15.1", "takes U+0870 in a name"],
      ],
    );
  });
});

describe("H5: dependencies of one name", { skip: reasonToSkip(host) }, () => {
  const work = temporaryFolder();

  it("H5: two libraries whose dependencies have one name: dlopen mixes them up, dlmopen or a process each does not", (t) => {
    t.diagnostic("engine: none (the clash alone: libraries made for this test)");
    const libraries = ["1.0.0", "2.0.0"].map((version) => {
      const folder = join(work, version);
      mkdirSync(folder);
      const [core, library] = [join(folder, "libcore.so.1"), join(folder, "libwork.so")];
      compile("core.c", core, `-DVERSION="${version}"`, "-shared", "-fPIC", "-Wl,-soname,libcore.so.1");
      compile("work.c", library, "-shared", "-fPIC", core, "-Wl,-rpath,$ORIGIN");
      return library;
    });
    const clash = join(work, "clash");
    compile("clash.c", clash, "-ldl");
    const say = (way: string) =>
      must(clash, [way, ...libraries], work)
        .trim()
        .split("\n");
    assert.deepEqual(say("shared"), ["1.0.0", "1.0.0"]);
    assert.deepEqual(say("own"), ["1.0.0", "2.0.0"]);
    assert.deepEqual(say("process"), ["1.0.0", "2.0.0"]);
  });

  it("H5: two libraries that each bring a Wasmtime of one name: told by name where they share it, each with its own by dlmopen", {
    skip: reasonToSkip(...Object.values(wasmtime)),
  }, async (t) => {
    t.diagnostic(`${WASMTIME}, each under a library of its own`);
    const releases = ([OLD, NEW] as const).map((version, at) => {
      const library = join(work, `libexecutor-${version}.so`);
      const engine = pathOf(wasmtime[version]);
      compile(
        "executor.c",
        library,
        "-shared",
        "-fPIC",
        `-L${join(engine, "..")}`,
        `-l:${LIBRARY_OF.wasmtime}`,
        "-Wl,-rpath,$ORIGIN",
      );
      return {
        engine: "executor",
        version,
        validFrom: 10 * at,
        files: { "libexecutor.so": library, [LIBRARY_OF.wasmtime]: engine },
      };
    });
    const { home } = await LibraryChannel.begin(join(work, "channel"), releases);
    const both = ["--epoch", "0", "executor", "--epoch", "10", "executor"];
    const shared = await runHost(pathOf(host), home, [...ASK_WASMTIME, ...both]);
    assert.deepEqual([shared.status, shared.stdout.split("\n").length], [123, 2], told(shared));
    assert.match(
      shared.stderr,
      /^enginery: error probe-failed .*46\.0\.1\/lib\/libexecutor\.so needs the _libwasmtime\.so beside it, and was given .*\/9\.0\.0\/lib\/_libwasmtime\.so\./,
    );
    const own = await runHost(pathOf(host), home, ["--space", "own", ...ASK_WASMTIME, ...both]);
    const said = own.stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t"));
    assert.deepEqual(
      said.map(([, version, , , says]) => [version, says]),
      [
        [OLD, "9.0.0"],
        [NEW, "46"],
      ],
      told(own),
    );
    for (const [epoch, says] of [
      ["0", "9.0.0"],
      ["10", "46"],
    ]) {
      const alone = await runHost(pathOf(host), home, [...ASK_WASMTIME, "--epoch", epoch ?? "", "executor"]);
      assert.equal(alone.stdout.split("\t")[4], says, told(alone));
    }
  });

  function compile(source: string, into: string, ...flags: readonly string[]): void {
    must("cc", ["-std=c11", "-Wall", "-Wextra", "-Werror", "-o", into, join(SOURCES, "clash", source), ...flags], work);
  }
});
