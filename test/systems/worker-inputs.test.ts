import assert from "node:assert/strict";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, CHECKOUT, enginery, jsonOf, sound, told } from "../engines/support/command.ts";
import { XSNAP_OTHER_XS } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { tracesIn } from "./support/evidence.ts";
import { WorkerSession } from "./support/worker-session.ts";
import { NEEDS_OTHER_XS, NEEDS_XSNAP, workerOf, XsnapChannel, xsnapTold } from "./support/xsnap-channel.ts";

const PROGRAM = join(CHECKOUT, "bin", "enginery");
const W1 = "0.15.0";
/** `VERS` and the major and minor version of XS, in each snapshot. */
const SNAPSHOTS = { [W1]: "--input=-r@12=564552530d03", [XSNAP_OTHER_XS]: "--input=-r@12=564552530e00" } as const;

describe("A2: the supervisor's code is part of the release", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  const supervisor = join(work, "supervisor.js");
  const other = join(work, "other.js");
  let home: string;
  let beside: string;

  before(async () => {
    writeFileSync(supervisor, "globalThis.supervisor = 'of this release';\n");
    writeFileSync(other, "globalThis.supervisor = 'of another one';\n");
    const channel = await XsnapChannel.begin(work);
    const files = { "supervisor.js": supervisor };
    await channel.add(W1, { words: ["--guard-files"] }, files);
    await channel.publisher.deploy("xsnap", W1, 0);
    await channel.publisher.sign("--epoch", "0");
    home = await channel.install("home", 10);
    const { path } = await answer<{ path: string }>(["which", "xsnap"], { home });
    beside = join(dirname(path), "supervisor.js");
  });

  const ways = [
    ["exec", () => new WorkerSession(PROGRAM, ["exec", "xsnap", "--", "vat"], home)],
    ["the launcher", () => new WorkerSession(join(home, "bin", "xsnap"), ["vat"], home)],
  ] as const;

  it("A2: the worker starts with the supervisor's code of its own release", async (t) => {
    t.diagnostic(xsnapTold(W1));
    for (const [way, start] of ways) {
      await using worker = start();
      await worker.run(readFileSync(beside, "utf8"));
      assert.equal(await worker.value("supervisor"), "of this release", way);
    }
  });

  const harms: readonly (readonly [string, path: string, () => void])[] = [
    [
      "written over",
      "supervisor.js",
      () => {
        chmodSync(beside, 0o644);
        writeFileSync(beside, readFileSync(other));
        chmodSync(beside, 0o444);
      },
    ],
    [
      "put in its place, of the same length, mode and time",
      "supervisor.js",
      () => {
        const bytes = readFileSync(beside);
        bytes[bytes.length - 3] = 0x21;
        writeFileSync(`${beside}.new`, bytes, { mode: 0o444 });
        renameSync(`${beside}.new`, beside);
      },
    ],
    ["put beside it", "supervisor-2.js", () => writeFileSync(join(dirname(beside), "supervisor-2.js"), "")],
    ["taken away", "supervisor.js", () => rmSync(beside)],
  ];
  for (const [what, path, harm] of harms) {
    it(`A2: other code ${what} is refused at the start, and named`, async (t) => {
      t.diagnostic(xsnapTold(W1));
      harm();
      const before = tracesIn(home);
      for (const [way, start] of ways) {
        const { status, said } = await start().end();
        assert.equal(status, 125, `${way}: ${said}`);
        assert.match(said, /^enginery: error installation-damaged /m);
        assert.ok(said.includes(`${path} `), said);
      }
      assert.deepEqual(tracesIn(home), before, "no worker was started");
      await sound(["verify", "--repair"], { home });
      await using mended = ways[0][1]();
      assert.equal(await mended.value("40 + 2"), "42");
    });
  }
});

describe("A3: snapshots", { skip: NEEDS_OTHER_XS }, () => {
  const work = temporaryFolder();
  const snapshots = { [W1]: join(work, "w1.xss"), [XSNAP_OTHER_XS]: join(work, "w2.xss") } as const;
  let home: string;
  const words = (version: string, file: string) => ["exec", `xsnap@${version}`, "--", "-r", file, "vat"];

  before(async () => {
    const channel = await XsnapChannel.begin(work);
    for (const [version, validFrom] of [
      [W1, 0],
      [XSNAP_OTHER_XS, 100],
    ] as const) {
      await channel.add(version, { words: [SNAPSHOTS[version]] });
      await channel.publisher.deploy("xsnap", version, validFrom);
    }
    await channel.publisher.sign("--epoch", "0");
    home = await channel.install("home", 50);
    for (const [version, file] of Object.entries(snapshots)) {
      await using worker = new WorkerSession(PROGRAM, ["exec", `xsnap@${version}`, "--", "vat"], home);
      await worker.run(`globalThis.writer = '${version}'`);
      await worker.snapshot(file);
    }
  });

  it("A3: a snapshot is taken by the worker that wrote it", async (t) => {
    t.diagnostic(xsnapTold(W1, XSNAP_OTHER_XS));
    for (const [version, file] of Object.entries(snapshots)) {
      await using worker = new WorkerSession(PROGRAM, words(version, file), home);
      assert.equal(await worker.value("writer"), version);
    }
    await using launched = new WorkerSession(join(home, "bin", "xsnap"), ["-r", snapshots[W1], "vat"], home, {
      ENGINERY_EPOCH: "99",
    });
    assert.equal(await launched.value("writer"), W1);
  });

  it("A3: without Enginery the other worker starts, and fails on it", async (t) => {
    t.diagnostic(xsnapTold(W1, XSNAP_OTHER_XS));
    const { status, said } = await new WorkerSession(
      workerOf(XSNAP_OTHER_XS),
      ["-r", snapshots[W1], "vat"],
      home,
    ).end();
    assert.equal(status, 2, said);
    assert.match(said, /cannot read snapshot/);
  });

  for (const [reader, writer] of [
    [XSNAP_OTHER_XS, W1],
    [W1, XSNAP_OTHER_XS],
  ] as const) {
    it(`A3: a snapshot of ${writer} given to ${reader} is refused before the start, and its reader named`, async (t) => {
      t.diagnostic(xsnapTold(W1, XSNAP_OTHER_XS));
      const file = snapshots[writer];
      const before = tracesIn(home);
      const launcher = { ENGINERY_EPOCH: reader === W1 ? "99" : "100" };
      for (const refused of [
        new WorkerSession(PROGRAM, words(reader, file), home),
        new WorkerSession(join(home, "bin", "xsnap"), ["-r", file, "vat"], home, launcher),
      ]) {
        const { status, said } = await refused.end();
        assert.equal(status, 123, said);
        assert.match(said, /^enginery: error input-mismatch /m);
        for (const word of [file, `xsnap@${reader}`, `xsnap@${writer} reads it`]) assert.ok(said.includes(word), said);
        assert.doesNotMatch(said, /cannot read snapshot/, "the worker never saw it");
      }
      assert.deepEqual(tracesIn(home), before, "no worker was started");
    });
  }

  it("A3: a snapshot through a pipe cannot be looked at, and is refused", async (t) => {
    t.diagnostic(xsnapTold(W1));
    const ran = await enginery(words(W1, "@8:vat"), { home });
    assert.equal(ran.status, 123, told(ran));
    assert.match(ran.stderr, /^enginery: error input-mismatch .*names no file/m);
    const { guard } = jsonOf<{ guard: unknown }>(await sound(["which", "xsnap", "--json"], { home }));
    assert.deepEqual(guard, { inputs: [{ after: "-r", offset: 12, bytes: ["564552530d03"] }] });
  });
});
