import assert from "node:assert/strict";
import { type SpawnOptionsWithoutStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

/** The real `--system`, with its real paths: in a mount namespace where /var/lib, /run and /etc/group are this test's. */
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const HOST = fileURLToPath(new URL("support/lease-for-a-while.ts", import.meta.url));
const GROUP = 64_999;
const ROOT = { uid: 0, groups: [0] };
/** A node's own account, in the group. */
const MEMBER = { uid: 65_533, groups: [GROUP] };
const RIVAL = { uid: 65_531, groups: [GROUP] };
const OUTSIDER = { uid: 65_532, groups: [] };
const HOLDS = `#!/bin/sh
if [ "$1" = --version ]; then echo "toy VERSION"; exit; fi
if [ "$1" = hold ]; then echo holding; exec sleep 300; fi
`;

interface Account {
  readonly uid: number;
  readonly groups: readonly number[];
}

const skip = missing();
let world: TestWorld & Disposable;
let channel: ToyChannel;
/** What stands for the machine's own folders. */
let machine: string;

function missing(): string | false {
  if (process.getuid?.() !== 0) return "needs root, to run as several accounts";
  const means = spawnSync("unshare", ["--mount", "setpriv", "--version"]);
  return means.status === 0 ? false : "needs unshare --mount and setpriv";
}

before(async () => {
  if (skip !== false) return;
  world = makeTestWorld();
  world.time = Date.now();
  channel = await makeToyChannel(world);
  for (const version of ["1.0.0", "2.0.0"]) {
    await channel.release("toy", version, { files: { toy: HOLDS.replace("VERSION", version) } });
  }
  await channel.deploy("toy", "1.0.0", 0);
  await channel.publish(10);
  chmodSync(world.folder, 0o711);
});
after(() => {
  if (skip === false) world[Symbol.dispose]();
});

/** A machine with the group, or without, and nothing of Enginery. */
function newMachine(t: { after(end: () => void): void }, hasGroup = true): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "enginery-system-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  for (const name of ["lib", "run"]) mkdirSync(join(folder, name), { mode: 0o755 });
  writeFileSync(join(folder, "group"), `root:x:0:\n${hasGroup ? `enginery:x:${GROUP}:\n` : ""}`, { mode: 0o644 });
  machine = folder;
}

const inside = (path: string) => join(machine, path);
const LEASES = "run/enginery/leases";
const HOME = "lib/enginery";
const leases = () => readdirSync(inside(LEASES)).sort();

function wordsAs({ uid, groups }: Account, umask: string, words: readonly string[]): readonly string[] {
  const set = groups.length === 0 ? ["--clear-groups"] : ["--groups", groups.join(",")];
  const mounts = `mount --bind ${machine}/lib /var/lib && mount --bind ${machine}/run /run && mount --bind ${machine}/group /etc/group`;
  const script = `${mounts} && umask ${umask} && exec setpriv --reuid ${uid} --regid ${uid} ${set.join(" ")} "$0" "$@"`;
  return ["--mount", "/bin/sh", "-c", script, ...words];
}

const options = (): SpawnOptionsWithoutStdio => ({
  cwd: "/",
  env: { PATH: process.env["PATH"], HOME: "/nonexistent", NODE_NO_WARNINGS: "1" },
});

function run(account: Account, words: readonly string[], umask = "022") {
  const found = spawnSync("unshare", wordsAs(account, umask, words), {
    ...options(),
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
  });
  return { status: found.status, stdout: found.stdout, stderr: found.stderr };
}

const enginery = (account: Account, words: readonly string[], umask?: string) =>
  run(account, [process.execPath, MAIN, "--system", ...words], umask);

function must(account: Account, words: readonly string[], umask?: string): string {
  const { status, stdout, stderr } = enginery(account, words, umask);
  assert.equal(status, 0, `${words.join(" ")}: ${stderr}`);
  return stdout;
}

function install(umask?: string): void {
  const from = ["--from", channel.repository, "--channel", "toys", "--root-sha256", channel.rootSha256];
  must(ROOT, ["install", ...from], umask);
  must(ROOT, ["observe", "50"], umask);
}

/** An engine that runs until it is ended: unshare, the shell, setpriv, Node and the engine are one process. */
async function holding(account: Account, words: readonly string[]) {
  const child = spawn("unshare", wordsAs(account, "022", words), options());
  const errors: Buffer[] = [];
  child.stderr.on("data", (bytes: Buffer) => errors.push(bytes));
  const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  assert.equal(String(said), "holding\n", Buffer.concat(errors).toString());
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      child.kill();
      await ended;
    },
  };
}

test("the first install makes the folder, and whoever is in the group starts engines: nobody else", { skip }, (t) => {
  newMachine(t);
  install("077");
  const made = lstatSync(inside(LEASES));
  assert.deepEqual([made.mode & 0o7777, made.uid, made.gid], [0o3770, 0, GROUP]);
  assert.equal(lstatSync(inside("run/enginery")).mode & 0o7777, 0o755);
  assert.equal(readFileSync(inside(`${HOME}/LEASES`), "utf8"), "/run/enginery/leases\n");
  assert.deepEqual(leases(), [], "what the install claimed it gave back");

  assert.equal(must(MEMBER, ["exec", "toy", "--", "--version"], "077"), "toy 1.0.0\n");
  const [own = "", ...others] = leases();
  assert.deepEqual(others, []);
  const written = lstatSync(inside(`${LEASES}/${own}`));
  assert.deepEqual([written.uid, written.gid, written.mode & 0o777], [MEMBER.uid, GROUP, 0o644]);
  const launched = run(MEMBER, ["/var/lib/enginery/bin/toy", "--version"]);
  assert.deepEqual([launched.status, launched.stdout], [0, "toy 1.0.0\n"], launched.stderr);
  assert.equal(leases().length, 2);
  assert.deepEqual(readdirSync(inside(`${HOME}/leases`)), []);

  for (const words of [
    ["exec", "toy", "--", "--version"],
    ["exec", "toy", "--epoch", "5", "--tenant", "vat-1", "--", "--version"],
  ]) {
    const refused = enginery(OUTSIDER, words);
    assert.deepEqual([refused.status, refused.stdout], [127, ""]);
    assert.match(refused.stderr, /error permission:? uid 65532 may not claim .*\n.*usermod -aG enginery/);
  }
  const handed = run(OUTSIDER, ["/usr/bin/env", `ENGINERY_COMMAND=${inside("enginery")}`, "/var/lib/enginery/bin/toy"]);
  assert.notEqual(handed.status, 0, "a launcher that cannot claim runs nothing");
  assert.equal(handed.stdout, "");
  for (const words of [["status"], ["which", "toy"], ["history"], ["list"], ["verify"]]) must(OUTSIDER, words);
  assert.match(must(MEMBER, ["history", "--json"]), /"toy"/);
});

test("ready, doctor and status say who may claim, and agree with exec", { skip }, (t) => {
  newMachine(t);
  install();
  assert.equal(enginery(MEMBER, ["ready"]).stdout.includes("Nothing can be started from here"), false);
  const outside = enginery(OUTSIDER, ["ready"]);
  assert.equal(outside.status, 10);
  assert.match(outside.stdout, /Nothing can be started from here: no lease can be written\. uid 65532 may not claim/);
  assert.match(must(ROOT, ["doctor"]), /lease-folder.*\/run\/enginery\/leases/);
  for (const [mode, what] of [
    [0o2770, /Others may remove the leases/],
    [0o777, /Others may remove the leases/],
  ] as const) {
    chmodSync(inside(LEASES), mode);
    for (const words of [["doctor"], ["status"]]) {
      const told = enginery(ROOT, words);
      assert.match(told.stdout, what, words.join(" "));
    }
    assert.equal(enginery(ROOT, ["doctor"]).status, 10);
    must(ROOT, ["doctor", "--fix"]);
    assert.equal(lstatSync(inside(LEASES)).mode & 0o7777, 0o3770);
  }
  chmodSync(inside(LEASES), 0o700);
  assert.match(must(ROOT, ["doctor"]), /warning.*The group enginery may not write leases/);
  must(ROOT, ["doctor", "--fix"]);
  assert.equal(lstatSync(inside(LEASES)).mode & 0o7777, 0o3770);
});

test("after a boot without the folder exec and prune refuse, and doctor --fix makes it", { skip }, (t) => {
  newMachine(t);
  install();
  rmSync(inside("run/enginery"), { recursive: true });
  for (const account of [ROOT, MEMBER, OUTSIDER]) {
    const refused = enginery(account, ["exec", "toy", "--", "--version"]);
    assert.deepEqual([refused.status, refused.stdout], [127, ""]);
    assert.match(
      refused.stderr,
      /error lease-folder:? There is no folder .*\n.*sudo install -d -m 3770 -o root -g enginery \/run\/enginery\/leases/,
    );
  }
  const pruned = enginery(ROOT, ["prune", "--yes"]);
  assert.equal(pruned.status, 7, "a folder that is not seen from here may hold claims");
  assert.match(pruned.stderr, /error lease-folder/);
  assert.equal(enginery(MEMBER, ["ready"]).status, 10);
  assert.match(enginery(MEMBER, ["status"]).stdout, /There is no folder \/run\/enginery\/leases/);
  const found = enginery(ROOT, ["doctor"]);
  assert.equal(found.status, 10);
  assert.match(found.stdout, /install -d -m 3770/);
  assert.equal(existsSync(inside("run/enginery")), false, "none of them made it");
  must(ROOT, ["doctor", "--fix"]);
  assert.deepEqual([lstatSync(inside(LEASES)).mode & 0o7777, lstatSync(inside(LEASES)).gid], [0o3770, GROUP]);
  assert.equal(must(MEMBER, ["exec", "toy", "--", "--version"]), "toy 1.0.0\n");
  rmSync(inside("run/enginery"), { recursive: true });
  must(ROOT, ["install", "toy@2.0.0"]);
  assert.equal(must(MEMBER, ["exec", "toy", "--", "--version"]), "toy 1.0.0\n", "so does an install");
});

test("prune sees what another account runs, keeps it while it runs, and puts it on record", { skip }, async (t) => {
  newMachine(t);
  install();
  must(ROOT, ["install", "toy@2.0.0"]);
  const gone = inside(`${HOME}/engines/toy/2.0.0`);
  {
    await using _engine = await holding(MEMBER, [
      ...[process.execPath, MAIN, "--system", "exec", "toy@2.0.0", "--tenant", "vat-1", "--", "hold"],
    ]);
    const [name = ""] = leases();
    for (const account of [RIVAL, OUTSIDER]) {
      assert.notEqual(run(account, ["/bin/rm", "-f", `/run/enginery/leases/${name}`]).status, 0);
      assert.notEqual(run(account, ["/bin/mv", `/run/enginery/leases/${name}`, "/run/enginery/leases/x"]).status, 0);
    }
    const kept = JSON.parse(must(ROOT, ["prune", "--yes", "--keep-generations", "1", "--json"]));
    const reasons = kept.kept.find(({ version }: { version: string }) => version === "2.0.0")?.keptBy;
    assert.deepEqual(
      reasons.map(({ kind }: { kind: string }) => kind),
      ["lease"],
    );
    assert.ok(existsSync(gone));
  }
  must(ROOT, ["prune", "--yes", "--keep-generations", "1"]);
  assert.equal(existsSync(gone), false);
  assert.deepEqual(leases(), []);
  const history = JSON.parse(must(OUTSIDER, ["history", "--json"]));
  const work = history.work.map(({ version, tenant, by }: Record<string, unknown>) => [version, tenant, by]);
  assert.deepEqual(work, [["2.0.0", "vat-1", "ran"]]);
});

test("a home of an account of its own: the folder is made by root or tmpfiles, and what is over goes where its owner prunes", {
  skip,
}, async (t) => {
  newMachine(t);
  const keeper = { uid: 65_530, groups: [GROUP] };
  mkdirSync(inside(HOME));
  chownSync(inside(HOME), keeper.uid, keeper.uid);
  const from = ["--from", channel.repository, "--channel", "toys", "--root-sha256", channel.rootSha256];
  const refused = enginery(keeper, ["install", ...from]);
  assert.equal(refused.status, 7);
  const command = /Make it: sudo (install -d -m 3770 -o 65530 -g enginery \/run\/enginery\/leases)\n/.exec(
    refused.stderr,
  );
  assert.ok(command, refused.stderr);
  assert.deepEqual(readdirSync(inside(HOME)), [], "nothing of the home is made before");
  assert.equal(run(ROOT, ["/bin/sh", "-c", command[1] ?? ""]).status, 0);
  must(keeper, ["install", ...from]);
  must(keeper, ["observe", "50"]);
  must(keeper, ["doctor"]);
  must(MEMBER, ["exec", "toy", "--", "--version"]);
  assert.equal(leases().length, 1);
  must(keeper, ["prune", "--yes"]);
  assert.deepEqual(leases(), []);

  chownSync(inside(LEASES), 0, GROUP);
  chmodSync(inside(LEASES), 0o3770);
  must(MEMBER, ["exec", "toy", "--", "--version"]);
  for (let round = 0; round < 2; round++) {
    const stays = enginery(keeper, ["prune", "--yes"]);
    assert.equal(stays.status, 0, stays.stderr);
    assert.equal(leases().length, 1, "nobody else's to remove");
  }
  const history = JSON.parse(must(keeper, ["history", "--json"]));
  assert.equal(
    history.ledger.filter(({ verb }: { verb: string }) => verb === "ran").length,
    1,
    "what stays is not told again and again",
  );
  assert.equal(history.work.length, 2, "it tells by itself");
  assert.match(must(keeper, ["doctor"]), /warning.*belongs to root, and the home does not/);
  chownSync(inside(LEASES), RIVAL.uid, GROUP);
  const foreign = enginery(keeper, ["doctor"]);
  assert.equal(foreign.status, 10);
  assert.match(foreign.stdout, /belongs to 65531, who may remove the leases of others/);
});

test("a host of another account that gives its lease back leaves what it tells to prune", { skip }, (t) => {
  newMachine(t);
  install();
  const host = run(MEMBER, [process.execPath, HOST, "/var/lib/enginery", "toy", "50"]);
  assert.deepEqual([host.status, host.stdout, host.stderr], [0, "1.0.0", ""]);
  assert.equal(leases().length, 1);
  const [kept] = JSON.parse(must(ROOT, ["prune", "--yes", "--json"])).kept;
  assert.equal(
    kept.keptBy.some(({ kind }: { kind: string }) => kind === "lease"),
    false,
    "it is over",
  );
  assert.deepEqual(leases(), []);
  assert.match(must(ROOT, ["history", "--json"]), /"epoch": 50/);
});

test("what a member of the group puts there neither holds prune nor speaks through doctor", { skip }, (t) => {
  newMachine(t);
  install();
  const script = `cd /run/enginery/leases && mkfifo toy@1.0.0.pipe.json && ln -s /dev/zero toy@1.0.0.zero.json &&
    truncate -s 1T toy@1.0.0.sparse.json && mkdir toy@1.0.0.folder.json &&
    touch 'toy@1.0.0.x;touch pwned;.json' "$(printf 'toy@1.0.0.\\033[31m.json')"`;
  const planted = run(RIVAL, ["/bin/sh", "-c", script]);
  assert.equal(planted.status, 0, planted.stderr);
  must(ROOT, ["prune", "--yes"]);
  const told = enginery(ROOT, ["doctor"]);
  assert.match(told.stdout, /toy@1\.0\.0\.pipe on toy@1\.0\.0 cannot be read/);
  assert.doesNotMatch(told.stdout, /--forget-lease .*;/);
  assert.equal(told.stdout.includes("\u001b[31m"), false);
  assert.equal(must(MEMBER, ["exec", "toy", "--", "--version"]), "toy 1.0.0\n");
  must(ROOT, ["prune", "--yes", "--forget-lease", "toy@1.0.0.pipe"]);
  assert.equal(existsSync(inside(`${LEASES}/toy@1.0.0.pipe.json`)), false);
});

test("without the group the owner alone claims, which is told, and doctor --fix opens it once there is one", {
  skip,
}, (t) => {
  newMachine(t, false);
  const from = ["--from", channel.repository, "--channel", "toys", "--root-sha256", channel.rootSha256];
  const first = enginery(ROOT, ["install", ...from]);
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stderr, /There is no group enginery: only root can start engines/);
  must(ROOT, ["observe", "50"]);
  assert.equal(lstatSync(inside(LEASES)).mode & 0o7777, 0o700);
  assert.equal(must(ROOT, ["exec", "toy", "--", "--version"]), "toy 1.0.0\n");
  assert.equal(enginery(MEMBER, ["exec", "toy", "--", "--version"]).status, 127);
  assert.match(must(ROOT, ["doctor"]), /mend: sudo groupadd --system enginery && sudo enginery doctor --fix/);
  writeFileSync(inside("group"), `enginery:x:${GROUP}:\n`);
  must(ROOT, ["doctor", "--fix"]);
  assert.equal(must(MEMBER, ["exec", "toy", "--", "--version"]), "toy 1.0.0\n");
});

test("a system's home from before moves its leases with the next install --system", { skip }, (t) => {
  newMachine(t);
  const from = ["--from", channel.repository, "--channel", "toys", "--root-sha256", channel.rootSha256];
  const plain = run(ROOT, [process.execPath, MAIN, "--home", "/var/lib/enginery", "install", ...from]);
  assert.equal(plain.status, 0, plain.stderr);
  must(ROOT, ["observe", "50"]);
  assert.equal(existsSync(inside(`${HOME}/LEASES`)), false, "a home that was asked for by its path keeps its own");
  assert.equal(readFileSync(inside(`${HOME}/VERSION`), "utf8"), "1\n");
  assert.equal(enginery(MEMBER, ["exec", "toy", "--", "--version"]).status, 127);
  must(ROOT, ["install", "--dry-run"]);
  assert.equal(readFileSync(inside(`${HOME}/VERSION`), "utf8"), "1\n");
  must(ROOT, ["install"]);
  assert.equal(readFileSync(inside(`${HOME}/VERSION`), "utf8"), "2\n");
  assert.equal(must(MEMBER, ["exec", "toy", "--", "--version"]), "toy 1.0.0\n");
  assert.equal(leases().length, 1);
});
