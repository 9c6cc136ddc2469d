import { spawnSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { buildOneFile } from "../support/one-file.ts";
import { lookAt } from "./checker.ts";
import { changesMissing } from "./support/changes.ts";
import { killAtEveryChange } from "./support/killing.ts";
import { run, sound, told } from "./support/run.ts";
import { copyHome, letLockAge, PLATFORM, scratchFolder } from "./support/scenes.ts";
import { requireNone, tally } from "./support/tally.ts";

/**
 * SIGKILL before every change of the disk that `self-update` makes, in real processes: the command that install.sh placed updates itself,
 * and after each kill the command on PATH is started; it must be the old one or the new one, whole, and must finish what was begun.
 */
const isFull = process.env["ENGINERY_SAFETY_FULL"] !== undefined;
const FLUSH_STRIDE = isFull ? 1 : 8;
/** `install` and `use` are most of it, and the kill matrix of `install` takes each of theirs: here each name that comes, goes or moves. */
const CONTENT_STRIDE = isFull ? 1 : 4;
const [PLACED, NEW, NEXT] = ["0.1.0", "0.2.0", "0.3.0"] as const;

const missing = changesMissing();
const folder = missing === undefined ? scratchFolder() : "";
const at = (...names: readonly string[]) => join(folder, ...names);
const program = (version: string) => at("trees", version, "enginery");

before(async () => {
  if (missing !== undefined) return;
  for (const version of [PLACED, NEW, NEXT]) await buildOneFile(program(version), version);
  const repo = (verb: string, ...words: readonly string[]) =>
    sound(program(PLACED), ["repo", verb, at("repository"), ...words], { env: { ENGINERY_HOME: at("no-home") } });
  const publish = async (version: string) => {
    const probe = ["--probe=--version", `--expect=^enginery ${version.replaceAll(".", "\\.")}$`];
    const words = ["--platform", PLATFORM, "--tree", dirname(program(version)), ...probe];
    await repo("add", `enginery@${version}`, ...words);
    await repo("sign", "--keys-dir", at("keys"));
  };
  await repo("init", "--channel", "enginery", "--keys-dir", at("keys"));
  await publish(NEW);
  // what two updates leave, one after the other
  place(at("updated"), undefined);
  await sound(inUse(at("updated")), words(at("updated")));
  copySelf(at("updated"), at("twice"));
  await publish(NEXT);
  await sound(inUse(at("twice")), words(at("twice")));
});
after(() => {
  if (missing !== undefined) return;
  spawnSync("chmod", ["-R", "u+w", folder]);
  rmSync(folder, { recursive: true, force: true });
});

const words = (scene: string, ...more: readonly string[]) => [
  "self-update",
  ...more,
  "--receipt",
  join(scene, "receipt.json"),
];
const command = (scene: string) => join(scene, "self/bin/enginery");
const inUse = (scene: string) => readlinkSync(command(scene));

/** As install.sh leaves it, or with the channel's home of `from`. */
function place(scene: string, from: string | undefined): void {
  const self = join(scene, "self");
  mkdirSync(join(self, "bin"), { recursive: true });
  mkdirSync(join(self, "placed"));
  linkSync(program(PLACED), join(self, "placed", `enginery-${PLACED}`));
  const leadsTo = from === undefined ? join(self, "placed", `enginery-${PLACED}`) : inUse(from).replace(from, scene);
  if (from !== undefined) copyHome(join(from, "self/home"), join(self, "home"));
  symlinkSync(leadsTo, command(scene));
  copyFileSync(at("repository/metadata/1.root.json"), join(self, "root.json"));
  const receipt = { format: 2, way: "release", command: command(scene), self, repository: at("repository"), made: [] };
  writeFileSync(join(scene, "receipt.json"), JSON.stringify(receipt), { mode: 0o644 });
}

function copySelf(from: string, to: string): void {
  mkdirSync(to);
  place(to, from);
}

interface Update {
  readonly name: string;
  readonly from: () => string | undefined;
  readonly more: readonly string[];
  readonly before: string;
  readonly ends: string;
}

const UPDATES: readonly Update[] = [
  { name: "the first self-update", from: () => undefined, more: [], before: PLACED, ends: NEXT },
  { name: "a further self-update", from: () => at("updated"), more: [], before: NEW, ends: NEXT },
  { name: "self-update --rollback", from: () => at("twice"), more: ["--rollback"], before: NEXT, ends: NEW },
];

for (const update of UPDATES) {
  test(`${update.name}: killed before every change of the disk`, { skip: missing ?? false }, async (context) => {
    const { changes, points, strided, missed, broken } = await killAtEveryChange({
      program: inUse,
      folder: at("kills"),
      name: update.name,
      flushStride: FLUSH_STRIDE,
      contentStride: CONTENT_STRIDE,
      arrange: (scene) => place(scene, update.from()),
      words: (scene) => words(scene, ...update.more),
      check: (scene) => check(update, scene),
    });
    context.diagnostic(`${points} kill points of ${changes} changes`);
    tally(context, {
      cases: points,
      leftOut: [
        { count: strided, why: `flushes, one in ${FLUSH_STRIDE} taken, and writes to files, one in ${CONTENT_STRIDE}` },
        { count: missed.length, why: "points before which it had ended" },
      ],
    });
    for (const one of missed) context.diagnostic(`not hit: ${one}`);
    requireNone(broken);
  });
}

/** What it says of itself; a sentence of what is wrong where it does not start. */
function said(scene: string): string {
  const { status, stdout, stderr } = spawnSync(command(scene), ["--version"], {
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  return status === 0 ? stdout.trim().replace("enginery ", "") : `ends with ${status}: ${stderr}`;
}

async function check({ before, ends, more }: Update, scene: string): Promise<readonly string[]> {
  const home = join(scene, "self/home");
  const found = said(scene);
  const look = (when: string) => lookAt(home).problems.map((problem) => `${when}: ${problem}`);
  const broken = [...look("after the kill")];
  if (found !== before && found !== ends) return [...broken, `after the kill the command ${found}`];
  letLockAge(home);
  // who has gone back already would go back further
  const rest = more.length > 0 && found === ends ? ["--check"] : more;
  const next = await run(inUse(scene), words(scene, ...rest));
  if (next.status !== 0) return [...broken, `next: ${told(next)}`];
  if (said(scene) !== ends) broken.push(`after the next command it says ${said(scene)}`);
  return [...broken, ...look("after the next command")];
}
