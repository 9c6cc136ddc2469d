import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { createChildProcess } from "../../src/adapters/child-process.ts";
import { serviceManager } from "../../src/adapters/service/service-manager.ts";
import { CHECKOUT } from "../engines/support/command.ts";
import { temporaryFolder } from "../engines/support/folders.ts";

const isThere = (program: string) => spawnSync(program, ["--version"]).error === undefined;
const lacks = ["python3", "systemd-notify"].find((program) => !isThere(program));
const ENGINE = "engine: none (the service manager alone)";

/** Prints each datagram, as a list of lines. */
const LISTENER = `
import json, socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0" + name[1:] if name.startswith("@") else name)
print("listening", flush=True)
while True:
    print(json.dumps(s.recv(4096).decode().split("\\n")), flush=True)
`;

for (const kind of ["a socket of the file system", "an abstract socket"]) {
  test(`O4: the service manager is told by way of ${kind}`, {
    skip: lacks === undefined ? false : `no ${lacks}`,
  }, async (t) => {
    t.diagnostic(ENGINE);
    const work = temporaryFolder();
    const socket = kind.startsWith("an") ? `@enginery-${process.pid}` : join(work, "notify");
    const listener = spawn("python3", ["-c", LISTENER, socket], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => listener.kill("SIGKILL"));
    let heard = "";
    listener.stdout.setEncoding("utf8").on("data", (text: string) => {
      heard += text;
    });
    while (!heard.includes("listening")) await once(listener.stdout, "data");
    const manager = serviceManager({ NOTIFY_SOCKET: socket }, createChildProcess());
    await manager?.notify({ READY: "1", STATUS: "height 7; it's well" });
    await manager?.notify({ WATCHDOG: "1" });
    while (!heard.includes("WATCHDOG")) await once(listener.stdout, "data");
    const lines = heard
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines[0], ["READY=1", "STATUS=height 7; it's well"]);
    assert.ok(lines.some((words) => words.includes("WATCHDOG=1")));
  });
}

test("O4: the unit that `service install` writes is one that systemd takes", {
  skip: isThere("systemd-analyze") ? false : "no systemd-analyze",
}, (t) => {
  t.diagnostic(ENGINE);
  const command = join(CHECKOUT, "bin", "enginery");
  const folder = temporaryFolder();
  const words = [
    "service",
    "install",
    "watch",
    "--system",
    "--account",
    "root",
    "--command",
    command,
    "--folder",
    folder,
  ];
  assert.equal(spawnSync(command, words).status, 0);
  const verify = ["verify", "--man=no", join(folder, "enginery-watch.service")];
  const { status, stderr } = spawnSync("systemd-analyze", verify, { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
});
