import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const NOBODY = 65_534;
const SOMEBODY = 65_533;
const ROOT = process.getuid?.() === 0;
const skip = ROOT ? false : "needs root, to run as two other accounts";
const CHANGES: readonly (readonly string[])[] = [
  ["upgrade"],
  ["install", "toy@3.0.0"],
  ["rollback"],
  ["prune", "--yes"],
  ["pin", "vat-2", "toy@1.0.0"],
  ["unpin", "vat-1", "toy"],
  ["observe", "60"],
  ["hold"],
  ["doctor", "--fix"],
];

/** Says what it finds in its environment; as a probe it fails where a passphrase is there. */
const TELLS_ALL = `#!/bin/sh
if [ "$1" = --version ] && [ -n "$ENGINERY_PASSPHRASE" ]; then exit 1; fi
echo "leak 1.0.0"
env
`;

let world: TestWorld & Disposable;
let channel: ToyChannel;
let folder: string;

before(async () => {
  world = makeTestWorld();
  // the metadata has to be fresh for children, whose clock is the machine's
  world.time = Date.now();
  channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.release("toy", "2.0.0");
  await channel.release("toy", "3.0.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.release("leak", "1.0.0", { files: { leak: TELLS_ALL } });
  await channel.publish(10);
  chmodSync(world.folder, 0o711);
  folder = realpathSync(mkdtempSync(join(tmpdir(), "enginery-permissions-")));
  chmodSync(folder, 0o755);
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  world[Symbol.dispose]();
});

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as that account, with that umask. */
function run(uid: number, home: string, words: readonly string[], umask = "022", env: NodeJS.ProcessEnv = {}): Ran {
  const script = `umask ${umask}; exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync(
    "/bin/sh",
    ["-c", script, process.execPath, MAIN, "--home", home, ...words],
    {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder, NODE_NO_WARNINGS: "1", ...env },
      cwd: folder,
      ...(ROOT ? { uid, gid: uid } : {}),
    },
  );
  return { status, stdout, stderr };
}

function placeOf(name: string, uid: number): string {
  const place = join(folder, name);
  mkdirSync(place);
  chownSync(place, uid, uid);
  return place;
}

function installed(name: string, uid: number, umask?: string): string {
  const home = join(placeOf(name, uid), "home");
  const first = ["install", "--from", channel.repository, "--channel", "toys", "--root-sha256", channel.rootSha256];
  const done = run(uid, home, first, umask);
  assert.equal(done.status, 0, done.stderr);
  for (const words of [
    ["observe", "50"],
    ["pin", "vat-1", "toy@1.0.0"],
    ["install", "toy@2.0.0"],
  ]) {
    const { status, stderr } = run(uid, home, words, umask);
    assert.equal(status, 0, stderr);
  }
  return home;
}

/** Every path below with what tells whether it was touched. */
function snapshot(path: string): readonly string[] {
  const { mode, uid, size, mtimeMs } = lstatSync(path);
  const below = lstatSync(path).isDirectory() ? readdirSync(path).flatMap((name) => snapshot(join(path, name))) : [];
  return [`${path} ${mode.toString(8)} ${uid} ${size} ${mtimeMs}`, ...below];
}

function modes(path: string): readonly (readonly [path: string, mode: number])[] {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return [];
  const below = status.isDirectory() ? readdirSync(path).flatMap((name) => modes(join(path, name))) : [];
  return [[path, status.mode & 0o777], ...below];
}

test("whatever the umask, nothing in a home is writable by others, and a strict one locks nobody out", { skip }, () => {
  for (const umask of ["000", "077", "027"]) {
    const home = installed(`umask-${umask}`, NOBODY, umask);
    for (const words of [["upgrade"], ["verify", "--repair"], ["prune", "--yes"], ["doctor", "--fix"]]) {
      const { status, stderr } = run(NOBODY, home, words, umask);
      assert.equal(status, 0, stderr);
    }
    const open = modes(home).filter(([, mode]) => (mode & 0o022) !== 0);
    assert.deepEqual(open, [], umask);
    const closed = modes(home).filter(([, mode]) => (mode & 0o444) !== 0o444);
    assert.deepEqual(closed, [], umask);
  }
});

test("root changes nothing in somebody's home, and says as whom to do it", { skip }, () => {
  const home = installed("of-nobody", NOBODY);
  const before = snapshot(home);
  for (const words of CHANGES) {
    const { status, stderr } = run(0, home, words);
    assert.equal(status, 7, `${words.join(" ")}: ${stderr}`);
    assert.match(
      stderr,
      /error permission:? .* belongs to uid 65534 .*this is uid 0 \(root\)\.\n.*sudo -u \S+ enginery/,
    );
  }
  assert.deepEqual(snapshot(home), before);
  for (const words of [["status"], ["list"], ["which", "toy", "--epoch", "5"], ["verify"]]) {
    assert.equal(run(0, home, words).status, 0, words.join(" "));
  }
  assert.deepEqual(snapshot(home), before);
  const found = run(0, home, ["doctor"]);
  assert.equal(found.status, 10);
  assert.match(found.stdout, /permission: .*belongs to uid 65534/);
});

test("another account changes nothing either, and reads", { skip }, () => {
  const home = installed("of-nobody-too", NOBODY);
  const before = snapshot(home);
  for (const words of CHANGES) {
    const { status, stderr } = run(SOMEBODY, home, words);
    assert.equal(status, 7, `${words.join(" ")}: ${stderr}`);
    assert.match(stderr, /error permission:? /);
  }
  assert.equal(run(SOMEBODY, home, ["which", "toy", "--epoch", "5"]).status, 0);
  const lease = run(SOMEBODY, home, ["exec", "toy", "--epoch", "5", "--", "x"]);
  assert.equal(lease.status, 127, "where no lease can be written nothing runs");
  assert.deepEqual(snapshot(home), before);
});

test("what root left in somebody's home is found, with the command that mends it", { skip }, () => {
  const home = installed("stranded", NOBODY);
  chownSync(join(home, "generations"), 0, 0);
  const refused = run(NOBODY, home, ["upgrade"]);
  assert.equal(refused.status, 7);
  assert.match(refused.stderr, /generations belongs to uid 0.*\nMend it: chown -R 65534 /);
  const found = run(NOBODY, home, ["doctor"]);
  assert.equal(found.status, 10);
  assert.match(found.stdout, /mend: chown -R 65534 /);
});

test("a home, a folder in it or a parent that others may write to is refused, and doctor mends its own", {
  skip,
}, () => {
  const home = installed("writable", NOBODY);
  for (const [path, mode] of [
    [home, 0o777],
    [home, 0o775],
    [join(home, "engines"), 0o777],
    [join(home, "generations"), 0o1777],
    [join(home, "trust"), 0o775],
  ] as const) {
    chmodSync(path, mode);
    const before = snapshot(home);
    for (const words of [["upgrade"], ["observe", "70"], ["prune", "--yes"]]) {
      const { status, stderr } = run(NOBODY, home, words);
      assert.equal(status, 7, `${path} ${mode.toString(8)} ${words.join(" ")}: ${stderr}`);
      assert.ok(stderr.includes(`Mend it: chmod go-w ${path}`), stderr);
    }
    assert.deepEqual(snapshot(home), before);
    assert.equal(run(NOBODY, home, ["which", "toy", "--epoch", "5"]).status, 0, "a node keeps running");
    const found = run(NOBODY, home, ["doctor"]);
    assert.equal(found.status, 10);
    assert.ok(found.stdout.includes(`chmod go-w ${path}`), found.stdout);
    assert.equal(run(NOBODY, home, ["doctor", "--fix"]).status, 0);
    assert.equal(lstatSync(path).mode & 0o7777, 0o755);
    assert.equal(run(NOBODY, home, ["upgrade"]).status, 0);
  }
});

test("a parent that everybody may write to is refused unless it is sticky; a group's is warned of", { skip }, () => {
  const home = installed("below", NOBODY);
  const parent = join(folder, "below");
  chmodSync(parent, 0o777);
  const refused = run(NOBODY, home, ["observe", "71"]);
  assert.equal(refused.status, 7);
  assert.ok(refused.stderr.includes(`Mend it: chmod go-w ${parent}`), refused.stderr);
  const first = ["install", "--from", channel.repository, "--channel", "toys", "--root-sha256", channel.rootSha256];
  assert.equal(run(NOBODY, join(parent, "another"), first).status, 7, "nor is a home made there");
  assert.deepEqual(readdirSync(parent), ["home"]);
  chmodSync(parent, 0o1777);
  assert.equal(run(NOBODY, home, ["observe", "72"]).status, 0);
  chmodSync(parent, 0o775);
  assert.equal(run(NOBODY, home, ["observe", "73"]).status, 0);
  const found = run(NOBODY, home, ["doctor"]);
  assert.equal(found.status, 0);
  assert.match(found.stdout, /warning {2}permission: A group may replace/);
});

test("a home that may not be written to is a clear refusal", { skip }, () => {
  const home = installed("closed", NOBODY);
  chmodSync(join(home, "generations"), 0o555);
  chmodSync(home, 0o555);
  const before = snapshot(home);
  // folders within it may still be written to, and an upgrade with nothing to write asks for no right to
  const mayEndWell = ["observe", "upgrade"];
  for (const words of [["observe", "74"], ["upgrade"], ["hold"], ["pin", "vat-3", "toy@1.0.0"]]) {
    const { status, stderr } = run(NOBODY, home, words);
    if (!mayEndWell.includes(words[0] ?? "")) assert.equal(status, 7, stderr);
    if (status !== 0) assert.match(stderr, /error permission:? /);
  }
  assert.deepEqual(
    snapshot(home).filter((line) => line.includes("generations")),
    before.filter((line) => line.includes("generations")),
  );
});

test("a passphrase is in no argument, no output and no child's environment", { skip }, () => {
  const place = placeOf("publisher", NOBODY);
  const secret = "correct horse battery staple";
  const env = { ENGINERY_PASSPHRASE: secret };
  const repository = join(place, "repository");
  const keys = join(place, "keys");
  const outputs: string[] = [];
  const publisher = (words: readonly string[], umask = "000"): Ran => {
    const ran = run(NOBODY, join(place, "home"), words, umask, env);
    outputs.push(ran.stdout, ran.stderr);
    return ran;
  };
  assert.equal(publisher(["repo", "init", repository, "--channel", "toys", "--keys-dir", keys]).status, 0);
  for (const file of readdirSync(keys)) {
    const { mode } = lstatSync(join(keys, file));
    assert.equal(mode & 0o777, file.endsWith(".pem") ? 0o600 : 0o644, file);
  }
  assert.equal(lstatSync(keys).mode & 0o777, 0o700);
  const wrong = run(NOBODY, place, ["repo", "sign", repository, "--keys-dir", keys, "-v"], "022", {
    ENGINERY_PASSPHRASE: "wrong",
  });
  assert.notEqual(wrong.status, 0);
  outputs.push(wrong.stdout, wrong.stderr);
  const [root = ""] = readdirSync(keys).filter((file) => file.endsWith(".pem"));
  for (const mode of [0o644, 0o640, 0o604]) {
    chmodSync(join(keys, root), mode);
    const refused = publisher(["repo", "sign", repository, "--keys-dir", keys, "-v"]);
    assert.equal(refused.status, 2, refused.stderr);
    assert.ok(refused.stderr.includes(`chmod 600 ${join(keys, root)}`), refused.stderr);
  }
  chmodSync(join(keys, root), 0o600);
  chmodSync(keys, 0o777);
  const open = publisher(["repo", "sign", repository, "--keys-dir", keys]);
  assert.equal(open.status, 7, open.stderr);
  assert.ok(open.stderr.includes(`chmod go-w ${keys}`), open.stderr);
  chmodSync(keys, 0o700);
  const seen = join(place, "seen-by-signer");
  const signer = join(place, "signer.mjs");
  spawnSync("/bin/sh", [
    "-c",
    `cat > '${signer}' <<'END'
import { writeFileSync } from "node:fs";
writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env) + JSON.stringify(process.argv));
END`,
  ]);
  chmodSync(signer, 0o644);
  publisher(["repo", "sign", repository, "--signer", `${process.execPath} ${signer}`]);
  const told = readFileSync(seen, "utf8");
  assert.match(told, /ENGINERY_SIGN_ROLE/);
  assert.doesNotMatch(told, /PASSPHRASE|correct horse/);
  assert.equal(outputs.join("").includes(secret), false);

  const home = installed("secrets", NOBODY);
  const leaks = run(NOBODY, home, ["install", "leak@1.0.0"], "022", env);
  assert.equal(leaks.status, 0, `its probe saw no secret either: ${leaks.stderr}`);
  const engine = run(NOBODY, home, ["exec", "leak@1.0.0", "--", "x"], "022", { ...env, KEPT: "kept" });
  assert.match(engine.stdout, /^KEPT=kept$/m);
  assert.doesNotMatch(engine.stdout, /correct horse/);
  assert.equal(run(NOBODY, home, ["use", "leak@1.0.0"]).status, 0);
  const launcher = spawnSync(join(home, "bin/leak"), [], {
    encoding: "utf8",
    env: { ...env, KEPT: "kept" },
    uid: NOBODY,
    gid: NOBODY,
  });
  assert.match(launcher.stdout, /^KEPT=kept$/m, launcher.stderr);
  assert.doesNotMatch(launcher.stdout, /correct horse/);
});
