import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { before, describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { sound, told } from "../engines/support/command.ts";
import { pathOf, reasonToSkip } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { holdHost, LibraryChannel, runHost, toyLibrary } from "./support/libraries.ts";
import { prepareHost } from "./support/prepare-libraries.ts";

const host = prepareHost();
const ENGINE = "engine: none (the contract alone: libraries made for this test)";
const VERSIONS = ["1.0.0", "1.1.0", "1.2.0", "2.0.0"] as const;
/** A tenant's name may be anything: the host has to hash, compare and write it. */
const TENANTS = ["cluster-7", 'a/b\\c "d" é 🙂', "x".repeat(200)] as const;

describe("H5: a host in C", { skip: reasonToSkip(host) }, () => {
  const work = temporaryFolder();
  let channel: LibraryChannel;
  let home: string;

  before(async () => {
    const files = (version: string) => ({ "libtoy.so": toyLibrary(work, version) });
    channel = await LibraryChannel.begin(
      work,
      [
        { engine: "toy", version: "1.0.0", validFrom: 10, files: files("1.0.0") },
        { engine: "toy", version: "1.1.0", validFrom: 20, files: files("1.1.0") },
        { engine: "toy", version: "1.2.0", validFrom: 30, files: files("1.2.0") },
        { engine: "toy", version: "2.0.0", files: files("2.0.0") },
        { engine: "always", version: "1.0.0", validFrom: 0, files: files("1.0.0") },
        { engine: "idle", version: "1.0.0", files: files("1.0.0") },
        { engine: "chosen", version: "1.0.0", files: files("1.0.0") },
        { engine: "chosen", version: "1.1.0", files: files("1.1.0") },
      ],
      25,
    );
    ({ home } = channel);
    await sound(["use", "chosen@1.0.0"], { home });
    await sound(["pin", "keeper", "chosen@1.1.0"], { home });
    for (const [number, tenant] of TENANTS.entries()) await sound(["pin", tenant, `toy@${VERSIONS[number]}`], { home });
  });

  const run = (...words: readonly string[]) => runHost(pathOf(host), home, words);
  const refused = async (code: string, status: number, ...words: readonly string[]) => {
    const ran = await run(...words);
    assert.deepEqual([ran.status, ran.stdout], [status, ""], told(ran));
    assert.match(ran.stderr, new RegExp(`^enginery: error ${code} `), told(ran));
    assert.deepEqual(readdirSync(join(home, "leases")), [], "no lease is left");
  };

  it("H5: answers of the C host are those of the command, for every epoch, tenant and version", async (t) => {
    t.diagnostic(ENGINE);
    const epochs = ["9", "10", "19", "20", "9007199254740991"].map((epoch) => ["--epoch", epoch]);
    const tenants = [...TENANTS, "nobody"].map((tenant) => ["--tenant", tenant]);
    const questions = [
      [],
      ...epochs,
      ...tenants,
      [...(tenants[0] ?? []), "--epoch", "30"],
      ["--epoch", "-1"],
      ["--epoch", "1.5"],
    ];
    for (const words of questions) {
      for (const version of words.includes("--epoch") ? [undefined] : [undefined, "1.1.0", "2.0.0"]) {
        const engine = version === undefined ? "toy" : `toy@${version}`;
        const ran = await run("--only-path", ...words, ...(version === undefined ? [] : ["--version", version]), "toy");
        assert.equal(
          ran.status === 0 ? ran.stdout.trim() : String(ran.status),
          await channel.which([...words, engine]),
          told(ran),
        );
      }
    }
    for (const engine of ["always", "chosen", "idle", "other"]) {
      const ran = await run("--only-path", engine);
      assert.equal(ran.status === 0 ? ran.stdout.trim() : String(ran.status), await channel.which([engine]), told(ran));
    }
  });

  it("H5: several versions in one process, each by the epoch, pin or version it was asked for", async (t) => {
    t.diagnostic(ENGINE);
    const asked = [
      "--ask",
      "pair:get_version",
      "--epoch",
      "10",
      "toy",
      "--epoch",
      "30",
      "toy",
      "--tenant",
      TENANTS[1],
      "toy",
    ];
    const ran = await run(...asked, "--tenant", "-", "--ask", "text:toy_version", "--version", "2.0.0", "toy");
    assert.equal(ran.status, 0, told(ran));
    const lines = ran.stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t"));
    assert.deepEqual(
      lines.map(([, version, because, , says]) => [version, because, says]),
      [
        ["1.0.0", "schedule", "1.0"],
        ["1.2.0", "schedule", "1.2"],
        ["1.1.0", "pin", "1.1"],
        ["2.0.0", "explicit", "toy 2.0.0"],
      ],
    );
  });

  it("H5: one folder of libraries by name: each link leads to the file that was resolved", async (t) => {
    t.diagnostic(ENGINE);
    const ran = await run("--link", "--ask", "text:toy_version", "--tenant", TENANTS[1], "toy");
    assert.equal(ran.stdout.split("\t")[3], join(home, "lib", "libtoy.so.1.1"), told(ran));
    const link = join(home, "lib", "libtoy.so.1.1");
    renameSync(link, `${link}.away`);
    await refused("installation-damaged", 125, "--link", "--tenant", TENANTS[1], "toy");
    renameSync(`${link}.away`, link);
  });

  it("H5: a library that reports another version than its name's is not used", async (t) => {
    t.diagnostic(ENGINE);
    const files = { "liblying.so": toyLibrary(work, "1.2.0") };
    const lying = await LibraryChannel.begin(join(work, "lying"), [
      { engine: "lying", version: "1.1.0", validFrom: 0, files },
    ]);
    for (const way of ["text:toy_version", "pair:get_version", "text:no_such_symbol", "wasmtime"]) {
      const ran = await runHost(pathOf(host), lying.home, ["--ask", way, "lying"]);
      assert.deepEqual([ran.status, ran.stdout], [123, ""], told(ran));
      assert.match(ran.stderr, /^enginery: error probe-failed /);
    }
  });

  it("H5: prune waits for the host's lease, and one that was killed keeps nothing", async (t) => {
    t.diagnostic(ENGINE);
    for (const signal of [undefined, "SIGKILL"] as const) {
      await using held = await holdHost(pathOf(host), home, [
        "--tenant",
        TENANTS[1],
        "--epoch",
        "10",
        "toy",
        "--tenant",
        "-",
        "toy",
      ]);
      assert.deepEqual(await channel.leases(), ["1.0.0", "1.1.0"]);
      const [lease = ""] = readdirSync(join(home, "leases")).filter((name) => name.startsWith("toy@1.1.0."));
      const { tenant, version, format, id, ...process } = JSON.parse(readFileSync(join(home, "leases", lease), "utf8"));
      assert.deepEqual([tenant, version, format, `toy@1.1.0.${id}.json`], [TENANTS[1], "1.1.0", 1, lease]);
      assert.deepEqual(process, { engine: "toy", ...identityOf(held.pid) });
      await held.end(signal);
      assert.equal(readdirSync(join(home, "leases")).length, signal === undefined ? 0 : 2);
      assert.deepEqual(await channel.leases(), []);
    }
    await sound(["prune", "--yes"], { home });
    assert.deepEqual(readdirSync(join(home, "leases")), []);
  });

  it("H5: where the home says so the host's lease lies outside it, and prune waits for it there", async (t) => {
    t.diagnostic(ENGINE);
    const outside = join(work, "leases");
    mkdirSync(outside);
    const file = join(home, "LEASES");
    const version = join(home, "VERSION");
    try {
      writeFileSync(file, `${outside}\n`);
      writeFileSync(version, "2\n");
      {
        await using held = await holdHost(pathOf(host), home, ["--epoch", "10", "toy"]);
        const [lease = "", ...others] = readdirSync(outside);
        assert.deepEqual([others, readdirSync(join(home, "leases"))], [[], []]);
        const { pid, epoch } = JSON.parse(readFileSync(join(outside, lease), "utf8"));
        assert.deepEqual([pid, epoch], [held.pid, 10]);
        assert.deepEqual(await channel.leases(), ["1.0.0"]);
        await held.end(undefined);
      }
      assert.deepEqual(readdirSync(outside), []);
      rmSync(outside, { recursive: true });
      await refused("lease-folder", 127, "toy");
      for (const text of ["", "leases\n", outside, `${outside}\n\n`]) {
        writeFileSync(file, text);
        await refused("home-damaged", 125, "toy");
      }
      rmSync(file);
      await refused("home-damaged", 125, "toy");
    } finally {
      rmSync(file, { force: true });
      writeFileSync(version, "1\n");
    }
  });

  it("H5: what cannot be answered exactly is not answered, by the launchers' exit codes", async (t) => {
    t.diagnostic(ENGINE);
    await refused("nothing-in-effect", 128, "--epoch", "9", "toy");
    await refused("pin-mismatch", 123, "--tenant", TENANTS[0], "--version", "1.1.0", "toy");
    await refused("release-not-installed", 128, "--version", "7.0.0", "toy");
    await refused("unknown-engine", 122, "other");
    await refused("unknown-entry", 122, "--entry", "other", "toy");
    await refused("bad-epoch", 122, "--epoch", "010", "toy");
    await refused("bad-name", 122, "../toy");
    await changed("clock/observed.json", undefined, () => refused("epoch-unknown", 128, "toy"));
    await changed("clock/observed.json", "{}", () => refused("home-damaged", 125, "toy"));
    await changed("VERSION", "3\n", () => refused("home-newer", 123, "toy"));
    await changed("marks/toy@1.1.0", "", () => refused("home-damaged", 125, "toy"));
    const owner = identityOf(process.pid);
    const mark = (of: object) =>
      JSON.stringify({ format: 1, engine: "toy", version: "1.1.0", operation: "0", owner: of });
    await changed("marks/toy@1.1.0", mark(owner), () => refused("marked", 126, "toy"));
    await changed("marks/toy@1.1.0", mark({ pid: 1 }), () => refused("marked", 126, "toy"));
    // the prune that wrote it is gone: it removes nothing any more
    await changed("marks/toy@1.1.0", mark({ ...owner, started: "1" }), async () =>
      assert.equal((await run("toy")).status, 0),
    );
    const elsewhere = join(work, "elsewhere");
    renameSync(join(home, "leases"), elsewhere);
    symlinkSync(elsewhere, join(home, "leases"));
    await refused("io", 127, "toy");
    rmSync(join(home, "leases"));
    renameSync(elsewhere, join(home, "leases"));
    const seal = "engines/toy/1.1.0/SEAL.json";
    await changed(seal, undefined, () => refused("release-not-installed", 128, "toy"));
    const otherTree = readFileSync(join(home, seal), "utf8").replace(/"tree":"\w{64}"/, `"tree":"${"f".repeat(64)}"`);
    await changed(seal, otherTree, () => refused("installation-damaged", 125, "toy"));
    await changed(seal, "{}", () => refused("installation-damaged", 125, "toy"));
    await changed("engines/toy/1.1.0/lib/libtoy.so", undefined, () => refused("installation-damaged", 125, "toy"));
    await changed(index("toy"), undefined, () => refused("home-damaged", 125, "toy"));
    await changed(newest(), "{", () => refused("generation-unreadable", 125, "toy"));
    const config = JSON.parse(readFileSync(join(home, "config.json"), "utf8"));
    await changed("config.json", JSON.stringify({ ...config, epochMaxAge: 0 }), async () => {
      await new Promise((done) => setTimeout(done, 1100));
      await refused("epoch-unknown", 128, "toy");
      assert.equal((await run("--epoch", "25", "toy")).status, 0);
    });
    assert.equal((await run("toy")).status, 0, "all is as it was");
  });

  it("H5: a pin of another, or one that cannot be read, is no reason to follow the schedule", async (t) => {
    t.diagnostic(ENGINE);
    const [shard = ""] = readdirSync(join(home, "pins"));
    const [name = ""] = readdirSync(join(home, "pins", shard));
    const pin = join("pins", shard, name);
    const text = readFileSync(join(home, pin), "utf8");
    const { tenant } = JSON.parse(text);
    const other = { ...JSON.parse(text), tree: "f".repeat(64) };
    await changed(pin, JSON.stringify(other), () => refused("release-conflict", 123, "--tenant", tenant, "toy"));
    for (const spoiled of [
      "",
      text.slice(0, -2),
      text.replace('"engine":"toy"', '"engine":"joy"'),
      text.replace('"tenant":"', '"tenant":"x'),
    ]) {
      await changed(pin, spoiled, () => refused("home-damaged", 125, "--tenant", tenant, "toy"));
    }
    // the same words, spelled otherwise
    const spelled = JSON.stringify(JSON.parse(text), null, 2).replace(
      /"tenant": "(.)/,
      (_, letter: string) => `"tenant": "\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    await changed(pin, spelled, async () => assert.equal((await run("--tenant", tenant, "toy")).status, 0));
  });

  it("H5: asked all the time while generations are committed, the host always has an answer, and one of the two", async (t) => {
    t.diagnostic(ENGINE);
    const answers = new Map<string, number>();
    let committed = false;
    const commit = async () => {
      for (const version of ["1.1.0", "1.0.0", "1.1.0", "1.0.0"]) await sound(["use", `chosen@${version}`], { home });
    };
    const ask = async () => {
      while (!committed) {
        const ran = await run("--only-path", "chosen");
        assert.equal(ran.status, 0, told(ran));
        const version = ran.stdout.split("/").at(-3) ?? "";
        answers.set(version, (answers.get(version) ?? 0) + 1);
      }
    };
    const committing = commit().finally(() => {
      committed = true;
    });
    await Promise.all([committing, ask()]);
    assert.deepEqual([...answers.keys()].sort(), ["1.0.0", "1.1.0"]);
    t.diagnostic(`${[...answers.values()].reduce((sum, count) => sum + count, 0)} answers`);
  });

  it("H5: an index of any words loads the file that is named or nothing", async (t) => {
    t.diagnostic(ENGINE);
    const checked = prepareHost("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all");
    if ("missing" in checked) return t.skip(checked.missing);
    const file = join(home, index("toy"));
    const sane = readFileSync(file, "utf8");
    for (const path of [
      "../../evil/1.0.0/x",
      "/bin/sh",
      "lib//libtoy.so",
      "lib/../lib/libtoy.so",
      "./x",
      "x/",
      "..",
      "",
    ]) {
      writeFileSync(file, sane.replaceAll("lib/libtoy.so", path));
      const ran = await runHost(checked.path, home, ["--only-path", "--epoch", "15", "toy"]);
      assert.deepEqual([ran.status, ran.stdout], [125, ""], told(ran));
    }
    await fuzzed(t, sane, async (spoiled) => {
      writeFileSync(file, spoiled);
      const ran = await runHost(checked.path, home, [
        "--only-path",
        "--tenant",
        TENANTS[1],
        "toy",
        "--tenant",
        "-",
        "--epoch",
        "15",
        "toy",
      ]);
      assert.ok([0, 123, 125, 128, 122].includes(ran.status ?? -1), told(ran));
      for (const line of ran.stdout.split("\n").filter((path) => path !== "")) {
        assert.match(
          line.slice(home.length),
          /^\/engines\/toy\/[0-9A-Za-z.-]+\/(?!.*\/\/)(?!.*\/\.\.?(?:\/|$)).+$/,
          told(ran),
        );
      }
    });
    writeFileSync(file, sane);
  });

  /** With the file as `text` says (undefined: not there) for as long as `act` takes. */
  async function changed(path: string, text: string | undefined, act: () => Promise<void>): Promise<void> {
    const file = join(home, path);
    const kept = `${file}.kept`;
    const folder = join(file, "..");
    chmodSync(folder, 0o755);
    const isThere = readdirSync(folder).includes(path.split("/").at(-1) ?? "");
    if (isThere) renameSync(file, kept);
    if (text !== undefined) writeFileSync(file, text);
    try {
      await act();
    } finally {
      rmSync(file, { force: true });
      if (isThere) renameSync(kept, file);
    }
  }

  function newest(): string {
    return join("generations", readdirSync(join(home, "generations")).sort().at(-1) ?? "");
  }

  function index(engine: string): string {
    const { number, operation } = JSON.parse(readFileSync(join(home, newest()), "utf8"));
    return join("index", `${String(number).padStart(8, "0")}.${operation}`, `${engine}@hosts`);
  }
});

const WORDS = [
  "",
  "..",
  "../../evil/1.0.0/x",
  "/bin/sh",
  "a//b",
  "-",
  "*",
  "any",
  "1.2.0",
  "9".repeat(20),
  "x".repeat(10_000),
  "\0",
  "\n",
  "é",
  "library",
  "f".repeat(64),
];

/** A word put in the place of another, before or behind it, up to three times. */
async function fuzzed(t: TestContext, sane: string, act: (text: string) => Promise<void>): Promise<void> {
  const fields = sane.split(/(?<=[ \n])/);
  const change = fc.tuple(
    fc.nat(fields.length - 1),
    fc.constantFrom(...WORDS),
    fc.constantFrom("put", "before", "after"),
  );
  const numRuns = 60;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const copy = [...fields];
      for (const [at, word, how] of changes) {
        const old = copy[at] ?? "";
        const end = old.slice(-1);
        copy[at] =
          `${how === "put" ? word : how === "before" ? word + old.slice(0, -1) : old.slice(0, -1) + word}${end}`;
      }
      await act(copy.join(""));
    }),
    { numRuns, seed: 20_270_101 },
  );
  t.diagnostic(`${numRuns} cases`);
}

/** A process as leases and marks name it. */
function identityOf(pid: number) {
  const line = (path: string) => readFileSync(path, "utf8").split("\n")[0];
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return {
    pid,
    started: stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19],
    boot: line("/proc/sys/kernel/random/boot_id"),
    machine: line("/etc/machine-id"),
    namespace: `pid:${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`,
  };
}
