import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { createChildProcess } from "../../src/adapters/child-process.ts";
import { longPathReason, starting } from "../../src/adapters/starting.ts";
import { isEngineryError } from "../../src/core/errors.ts";

const POSIX = process.platform !== "win32";
const folder = mkdtempSync(join(tmpdir(), "enginery-child-"));
after(() => rmSync(folder, { recursive: true }));
const children = createChildProcess();
const OPTIONS = { env: { PATH: "/usr/bin:/bin" }, timeoutMs: 5000, maxOutputBytes: 1000 };

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const sh = (text: string, options = {}) => children.run("/bin/sh", ["-c", text], { ...OPTIONS, ...options });
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0) && !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

test("status, signal and both outputs come back", { skip: !POSIX }, async () => {
  assert.deepEqual(await sh("echo out; echo err >&2; exit 3"), { outcome: "exit", status: 3, output: "out\nerr\n" });
  assert.deepEqual(await sh("echo out; kill -TERM $$"), { outcome: "signal", signal: "SIGTERM", output: "out\n" });
});

test("arguments reach the program as they are, never a shell", { skip: !POSIX }, async () => {
  const result = await children.run(
    script("args", 'for word; do echo "[$word]"; done'),
    ["a b", "$(id)", "; ls", "*"],
    OPTIONS,
  );
  assert.equal(result.outcome === "exit" && result.output, "[a b]\n[$(id)]\n[; ls]\n[*]\n");
});

test("the environment is what was given, the folder a fresh one that is gone afterwards", {
  skip: !POSIX,
}, async () => {
  process.env["ENGINERY_TEST_SECRET"] = "secret";
  const result = await sh('env | sort; pwd; ls -A; touch "$HOME/left"');
  delete process.env["ENGINERY_TEST_SECRET"];
  assert.ok(result.outcome === "exit");
  const lines = result.output.trim().split("\n");
  const scratch = lines.at(-1) ?? "";
  assert.ok(lines.includes(`HOME=${scratch}`), result.output);
  assert.ok(!result.output.includes("secret"));
  assert.ok(scratch.startsWith(tmpdir()) && !existsSync(scratch));
  const own = await sh("pwd", { cwd: folder });
  assert.equal(own.outcome === "exit" && own.output, `${folder}\n`);
});

test("standard input is what was given, else empty", { skip: !POSIX }, async () => {
  assert.deepEqual(await sh("cat; echo end"), { outcome: "exit", status: 0, output: "end\n" });
  const given = await sh("cat", { input: Buffer.from("words") });
  assert.equal(given.outcome === "exit" && given.output, "words");
  assert.equal((await sh("exit 0", { input: Buffer.alloc(1_000_000) })).outcome, "exit");
});

test("output beyond the limit is dropped, and the program goes on", { skip: !POSIX }, async () => {
  const result = await sh("head -c 3000000 /dev/zero | tr '\\0' x; exit 4");
  assert.ok(result.outcome === "exit");
  assert.equal(result.status, 4);
  assert.equal(result.output.length, 1000);
});

test("at the time limit the program goes with all its children", { skip: !POSIX }, async () => {
  const result = await sh("sleep 60 & echo $!; trap '' TERM INT; while :; do sleep 60; done", { timeoutMs: 300 });
  assert.equal(result.outcome, "timeout");
  await wait(50);
  assert.equal(isAlive(Number(result.outcome === "timeout" && result.output)), false);
});

test("a program that ends leaves none of its children behind, and does not keep us waiting", {
  skip: !POSIX,
}, async () => {
  const started = performance.now();
  const result = await sh("sleep 60 & echo $!");
  assert.ok(performance.now() - started < 3000);
  assert.ok(result.outcome === "exit");
  await wait(50);
  assert.equal(isAlive(Number(result.output)), false);
});

test("Windows is asked for a program at a long path in the long form, and the program is told the plain one", () => {
  const short = `Z:/${"x".repeat(259 - 7)}.exe`;
  assert.deepEqual(starting(short, "win32"), { file: short, argv0: short });
  const long = `Z:/a/${"x".repeat(260 - 9)}.exe`;
  assert.deepEqual(starting(long, "win32"), { file: `\\\\?\\${long.replaceAll("/", "\\")}`, argv0: long });
  assert.deepEqual(starting(long, "linux"), { file: long, argv0: long });
  assert.match(longPathReason(long, "win32") ?? "", /^Its path has 260 characters\. Put the home/);
  assert.deepEqual([longPathReason(short, "win32"), longPathReason(long, "linux")], [undefined, undefined]);
});

test("what cannot be started says why", async () => {
  const result = await children.run(join(folder, "none"), [], OPTIONS);
  assert.ok(result.outcome === "not-started");
  assert.match(result.reason, /^ENOENT: /);
  for (const word of ["x".repeat(3_000_000), "zero\0within"]) {
    assert.equal((await children.run("/bin/echo", [word], OPTIONS)).outcome, "not-started");
  }
});

test("the output is held against an expression, however hostile", { skip: !POSIX }, async () => {
  const matched = async (expect: string) => {
    const result = await sh("echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", { expect });
    return result.outcome === "exit" && result.matched;
  };
  assert.equal(await matched("^a+!"), true);
  assert.equal(await matched("^b"), false);
  assert.equal(await matched("("), false);
  assert.equal(await matched("^(a+)+$"), "timeout");
});

/** Runs `replace` in a process of its own, as it may not come back. */
async function replacing(file: string, args: string) {
  // `args` is source text: the arguments of this process have a limit too
  const program = `
    const { createChildProcess } = await import(${JSON.stringify(new URL("../../src/adapters/child-process.ts", import.meta.url).href)});
    try { process.exitCode = await createChildProcess().replace(${JSON.stringify(file)}, ${args}, { MARK: "set" }); }
    catch (error) { console.log(error.code, error.message); process.exitCode = 99; }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [status] = await once(child, "close");
  return { status, output, pid: child.pid };
}

test("replace becomes the program: same process, its environment, its status", { skip: !POSIX }, async () => {
  const file = script("become", 'echo "$$ $MARK $1 $HOME."; exit 7');
  const { status, output, pid } = await replacing(file, '["a b"]');
  assert.equal(output, `${pid} set a b .\n`);
  assert.equal(status, 7);
});

test("replace hands on the descriptors that it was given", { skip: process.platform !== "linux" }, async () => {
  const file = script("talk", 'read line <&3; echo "heard $line" >&4; exit 5');
  const { status } = await startTalking(file);
  assert.equal(status, 5);
});

function programReplacing(file: string): string {
  const url = new URL("../../src/adapters/child-process.ts", import.meta.url).href;
  return `const { createChildProcess } = await import(${JSON.stringify(url)});
    process.exitCode = await createChildProcess().replace(${JSON.stringify(file)}, [], { PATH: "/usr/bin:/bin" });`;
}

async function startTalking(file: string): Promise<{ readonly status: number }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", programReplacing(file)], {
    stdio: ["ignore", "pipe", "inherit", "pipe", "pipe"],
  });
  const [, , , into, out] = child.stdio;
  let heard = "";
  out?.on("data", (chunk) => {
    heard += chunk;
  });
  if (into !== null && into !== undefined && "write" in into) into.write("words\n");
  const [status] = await once(child, "close");
  assert.equal(heard, "heard words\n");
  return { status };
}

test("replace as a child passes signals on and answers 128 and the signal", {
  skip: process.platform !== "linux",
}, async () => {
  const traps = script("traps", "trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done");
  const dies = script("dies", "echo ready; exec sleep 5");
  for (const [file, signal, expected] of [
    [traps, "SIGTERM", 42],
    [dies, "SIGTERM", 128 + 15],
    [dies, "SIGINT", 128 + 2],
    [dies, "SIGHUP", 128 + 1],
  ] as const) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", programReplacing(file)], {
      stdio: ["ignore", "pipe", "inherit", "pipe"],
    });
    child.stdout?.once("data", () => child.kill(signal));
    const [status] = await once(child, "close");
    assert.equal(status, expected, `${file} ${signal}`);
  }
});

test("replace refuses what cannot run, and this process lives on", { skip: !POSIX }, async () => {
  const rubbish = join(folder, "rubbish");
  writeFileSync(rubbish, "\x7fELFrubbish", { mode: 0o755 });
  const plain = join(folder, "plain");
  writeFileSync(plain, "#!/bin/sh\n", { mode: 0o644 });
  const lost = join(folder, "lost");
  writeFileSync(lost, "#!/no/such/interpreter\n", { mode: 0o755 });
  for (const file of [join(folder, "none"), folder, rubbish, plain, lost]) {
    const { status, output } = await replacing(file, "[]");
    assert.equal(status, 99, file);
    assert.match(output, /^engine-start Cannot start /, file);
  }
});

test("replace with more arguments than fit is refused or run, never a crash", { skip: !POSIX }, async () => {
  const { status } = await replacing(script("many", "exit 6"), 'new Array(50).fill("x".repeat(20_000))');
  assert.equal(status, 6);
  const tooLong = await replacing(script("long", "exit 6"), '["x".repeat(200_000)]');
  assert.equal(tooLong.status, 99);
  assert.match(tooLong.output, /^engine-start .*E2BIG/);
});

test("errors of replace are ours", async () => {
  await assert.rejects(children.replace(join(folder, "none"), [], {}), (error) =>
    isEngineryError(error, "engine-start"),
  );
});
