import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { answer, enginery, jsonOf, type Ran, sound, told } from "../engines/support/command.ts";
import { FUZZER_VERSION, pathOf, preparedEngines, reasonToSkip, WIZER_VERSION } from "../engines/support/engines.ts";
import { contentOf, folderOf, temporaryFolder } from "../engines/support/folders.ts";
import { Publisher } from "../engines/support/publisher.ts";

const { wizer, fuzzer } = preparedEngines();
const NOW = 50;
const DUE = 60;
/** What is due within the lead time: without it nothing is committed. */
const DUE_SOON = { ENGINERY_LEAD_EPOCHS: "20" };
const ENGINE = `engine: Wasmtime in wizer ${WIZER_VERSION} (npm), bytes changed`;

/** Of the host, so that the same test holds on any. */
const { x86Level = 1, systemVersion } = nodeHost().abilities();
const ABOVE = x86Level + 1;

interface Variant {
  readonly change: (bytes: Buffer) => void;
  /** What is said of it: the file, what it needs, what there is. */
  readonly says: RegExp;
  readonly code: "host-lacks" | "probe-failed";
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  glibc: {
    // a version that the real file needs, made one that no glibc has
    change: (bytes) => write(bytes, "GLIBC_2.28\0", "GLIBC_2.98\0"),
    says: /wizer needs GLIBC_2\.98 of libc\.so\.6, and \/\S+\/libc\.so\.6 goes up to GLIBC_2\.\d+$/,
    code: "host-lacks",
  },
  cpu: {
    // the note that names the build, made the one that names the x86-64 level
    change: (bytes) => {
      const words = [5, 0x554e47, 0xc0008002, 4, 1 << (ABOVE - 1), 0];
      const at = noteAt(bytes, 20, 3);
      for (const [place, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, at + 8 + place * 4);
    },
    says: new RegExp(String.raw`wizer needs a CPU of x86-64-v${ABOVE} \(.+\), this host's is x86-64-v${x86Level}$`),
    code: "host-lacks",
  },
  kernel: {
    change: (bytes) => bytes.writeUInt32LE(99, noteAt(bytes, 16, 1) + 20),
    says: new RegExp(
      String.raw`wizer needs the kernel Linux 99\.\d+\.\d+, this host runs ${systemVersion.join("\\.")}$`,
    ),
    code: "host-lacks",
  },
  library: {
    change: (bytes) => write(bytes, "libgcc_s.so.1\0", "libgcc_s.so.9\0"),
    says: /wizer needs the library libgcc_s\.so\.9, which is not on this host; wizer --version exited with 127/,
    code: "host-lacks",
  },
  machine: {
    change: (bytes) => bytes.writeUInt16LE(183, 18),
    says: /wizer is built for the architecture arm64, this host is x64$/,
    code: "probe-failed",
  },
};

describe("P4: a release that this host cannot run", { skip: reasonToSkip(wizer) }, () => {
  const work = temporaryFolder();
  const home = join(work, "home");
  const publisher = new Publisher(work, "fitness");

  async function publish(engine: string, change: (bytes: Buffer) => void, validFrom: number): Promise<void> {
    const tree = join(work, engine);
    mkdirSync(tree);
    const bytes = readFileSync(pathOf(wizer));
    const before = Buffer.from(bytes);
    change(bytes);
    assert.equal(bytes.equals(before), engine === "sound");
    writeFileSync(join(tree, "wizer"), bytes, { mode: 0o755 });
    const archive = join(work, `${engine}.tar.gz`);
    must("tar", ["--use-compress-program=gzip -1", "-C", tree, "-cf", archive, "wizer"]);
    const probe = ["--version", `^wizer ${WIZER_VERSION.replaceAll(".", "\\.")}`] as const;
    await publisher.add({ engine, version: "1.0.0", from: { archive }, entry: "wizer", probe });
    await publisher.deploy(engine, "1.0.0", validFrom);
  }

  before(async () => {
    const { root } = await publisher.init();
    await publish("sound", () => {}, 0);
    for (const [engine, { change }] of Object.entries(VARIANTS)) await publish(engine, change, DUE);
    await publisher.sign("--epoch", "0");
    const from = ["--from", publisher.repository, "--channel", publisher.channel, "--root", root.path];
    await sound(["install", "sound", ...from], { home });
    await sound(["observe", `${NOW}`], { home });
  });

  /** What of the home an upgrade may touch that commits nothing (docs/operations/install.md, steps 5 to 8). */
  function isAllowed(path: string): boolean {
    return /^(?:trust|manifests|trees|staging|cache|quarantine|ledger\.jsonl|\.writer)(?:\/|$|-)/.test(path);
  }

  async function refused(engine: string): Promise<Ran> {
    const before = contentOf(home);
    const ran = await enginery(["upgrade", engine, "--json"], { home, env: DUE_SOON });
    assert.equal(ran.status, 3, told(ran));
    const after = contentOf(home);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (path) => before.get(path) !== after.get(path) && !isAllowed(path),
    );
    assert.deepEqual(changed, [], "the home answers as before");
    return ran;
  }

  const ROWS: readonly (readonly [engine: string, what: string])[] = [
    ["glibc", "needs a newer glibc"],
    ["cpu", "needs another CPU feature"],
    ["kernel", "needs a newer kernel"],
    ["library", "needs a library that is not here"],
    ["machine", "is for another machine"],
  ];

  for (const [engine, what] of ROWS) {
    const { says, code } = VARIANTS[engine] ?? assert.fail();
    it(`P4: a release that ${what} is refused before the commit, naming what is missing`, async (t) => {
      t.diagnostic(ENGINE);
      const ran = await refused(engine);
      const { error } = jsonOf<{ error: { code: string; message: string } }>(ran);
      assert.equal(error.code, code, told(ran));
      assert.match(error.message, says, told(ran));
      const again = await enginery(["upgrade", engine, "--json"], { home, env: DUE_SOON });
      assert.equal(jsonOf<{ error: { code: string } }>(again).error.code, "release-quarantined", told(again));
    });
  }

  it("P4: the same engine with its own bytes is installed and runs, whatever was refused beside it", async (t) => {
    t.diagnostic(`engine: Wasmtime in wizer ${WIZER_VERSION} (npm)`);
    const { stdout } = await sound(["exec", "sound", "--", "--version"], { home });
    assert.match(stdout, new RegExp(`^wizer ${WIZER_VERSION}`));
    const checks = await answer<ReadyDocument>(["ready", "sound"], { home });
    assert.deepEqual([checks.ready, checks.items.map(({ ok }) => ok)], [true, [true]]);
  });

  const skip = reasonToSkip(fuzzer) || (hasGlibc238() && "this host's glibc is 2.38 or newer");
  it("P4: a library as npm carries it needs a newer glibc: refused, and nothing else could tell", {
    skip,
  }, async (t) => {
    t.diagnostic(`engine: the native library of jazzer.js ${FUZZER_VERSION} (npm)`);
    const folder = join(work, "library");
    const other = new Publisher(folder, "libraries");
    const { root } = await other.init();
    const tree = folderOf(folder, "tree", { "libfuzzer.so": pathOf(fuzzer) });
    const words = ["--entry", "fuzzer=libfuzzer.so:library"];
    await other.add({ engine: "fuzzer", version: FUZZER_VERSION, from: { tree }, words });
    await other.deploy("fuzzer", FUZZER_VERSION, 0);
    await other.sign("--epoch", "0");
    const from = ["--from", other.repository, "--channel", other.channel, "--root", root.path];
    const ran = await enginery(["install", "--json", ...from], { home: join(folder, "home") });
    assert.equal(ran.status, 3, told(ran));
    const { error } = jsonOf<{ error: { code: string; message: string } }>(ran);
    assert.equal(error.code, "host-lacks", told(ran));
    assert.match(error.message, /libfuzzer\.so needs GLIBC_2\.38 of libc\.so\.6, and \/\S+ goes up to GLIBC_2\.\d+$/);
  });

  it("P4: ready tells, before the epoch, which release this host cannot run", async (t) => {
    t.diagnostic(ENGINE);
    await enginery(["upgrade", "kernel"], { home, env: DUE_SOON });
    const ran = await enginery(["ready", "--within", `${DUE - NOW}`, "--json"], { home });
    assert.equal(ran.status, 10, told(ran));
    const { items } = jsonOf<ReadyDocument>(ran);
    const kernel = items.find((item) => item.engine === "kernel");
    assert.equal(kernel?.epochsLeft, DUE - NOW);
    const details = kernel?.checks.filter(({ ok }) => !ok).map(({ detail }) => detail) ?? [];
    assert.ok(
      details.some((detail) => /needs the kernel Linux 99/.test(detail)),
      JSON.stringify(details),
    );
  });
});

interface ReadyDocument {
  readonly ready: boolean;
  readonly items: readonly {
    readonly engine: string;
    readonly ok: boolean;
    readonly epochsLeft: number;
    readonly checks: readonly { readonly ok: boolean; readonly detail: string }[];
  }[];
}

function hasGlibc238(): boolean {
  const libc = nodeHost().abilities().cachedLibraries.get("libc.so.6")?.[0];
  return libc !== undefined && readFileSync(libc).includes("GLIBC_2.38\0");
}

function must(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

function write(bytes: Buffer, from: string, to: string): void {
  const at = bytes.indexOf(from, 0, "latin1");
  assert.ok(at > 0, `the file does not say ${from}`);
  bytes.write(to, at, "latin1");
}

/** Where the note of that type whose owner is GNU begins. */
function noteAt(bytes: Buffer, textBytes: number, type: number): number {
  const head = Buffer.alloc(16);
  for (const [place, word] of [4, textBytes, type, 0x554e47].entries()) head.writeUInt32LE(word, place * 4);
  const at = bytes.indexOf(head);
  assert.ok(at > 0, `the file has no note ${type}`);
  return at;
}
