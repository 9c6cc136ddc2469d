import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { picture, type Ran, Sandbox } from "./sandbox.ts";

interface Receipt {
  readonly made: readonly { readonly kind: string; readonly path: string; readonly text?: string }[];
}

/** What Node remembers of compiled code beside the code. */
const NODES_OWN = /(^|\/)\.compile-cache(\/|$)/;
const SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"]];

function has(command: string): boolean {
  return spawnSync(command, ["--help"]).error === undefined;
}

describe("install.sh", () => {
  const sandbox = new Sandbox();
  const { checkout, home, path } = sandbox;
  const untouched = picture(home);
  const cloned = [...picture(checkout).keys()];
  after(() => sandbox.dispose());

  function ended(ran: Ran, status: number, ...said: readonly RegExp[]): void {
    assert.equal(ran.status, status, ran.said);
    for (const words of said) assert.match(ran.said, words);
  }

  it("is clean in the eyes of shellcheck", { skip: has("shellcheck") ? false : "shellcheck is not there" }, () => {
    ended(sandbox.run(["shellcheck", join(checkout, "install.sh")]), 0);
  });

  it("does nothing when half of it arrives", () => {
    const text = readFileSync(join(checkout, "install.sh"), "utf8");
    const half = join(checkout, "half.sh");
    writeFileSync(half, text.slice(0, text.lastIndexOf("{ main")));
    ended(sandbox.run(["sh", half]), 0, /^$/);
    rmSync(half);
    assert.deepEqual(picture(home), untouched);
  });

  it("tells its options, and refuses others", () => {
    ended(sandbox.install(["--help"]), 0, /--no-modify-path/, /--uninstall/);
    ended(sandbox.install(["--frobnicate"]), 2, /no option --frobnicate/, /--help/);
    ended(sandbox.install(["--epoch", "-1"]), 2, /whole number/);
    ended(sandbox.install(["--home"]), 2, /--home needs a value/);
  });

  it("says what it would do, in each shell, and does none of it", () => {
    const before = picture(checkout, NODES_OWN);
    for (const shell of SHELLS.filter(([command = ""]) => has(command))) {
      const ran = sandbox.install(["--dry-run"], {}, shell);
      ended(ran, 0, /npm ci/, /\.local\/bin\/enginery/, /\.profile/, /Nothing was changed/);
    }
    assert.deepEqual(picture(home), untouched);
    assert.deepEqual(picture(checkout, NODES_OWN), before);
  });

  it("names what is missing or does not fit, and how to mend it", () => {
    const without = (...names: readonly string[]) => {
      const commands = [
        "uname",
        "mkdir",
        "rmdir",
        "rm",
        "mv",
        "cat",
        "sed",
        "grep",
        "find",
        "chmod",
        "mktemp",
        "cmp",
        "dirname",
        "awk",
        "ls",
      ];
      const kept = [...commands, "tail", "sh", "getconf"].filter((name) => !names.includes(name));
      return { PATH: sandbox.folderWith(Object.fromEntries(kept.map((name) => [name, `/usr/bin/${name}`]))) };
    };
    const faking = (name: string, script: string) => ({ PATH: `${sandbox.folderFaking(name, script)}:${path}` });
    ended(sandbox.install([], without(), ["/bin/sh"]), 7, /command npm is missing/, /Install Node 18/);
    ended(sandbox.install([], without("cmp"), ["/bin/sh"]), 7, /command cmp is missing/);
    ended(sandbox.install([], faking("node", "echo v16.20.2")), 7, /v16\.20\.2; 18 or newer/);
    ended(sandbox.install([], faking("node", "exit 1")), 7, /does not run/);
    ended(sandbox.install([], faking("getconf", "echo 32")), 3, /32-bit userland/);
    ended(
      sandbox.install([], faking("uname", "case $1 in -s) echo Linux ;; *) echo riscv64 ;; esac")),
      3,
      /riscv64/,
      /--no-demo/,
    );
    ended(sandbox.install([], faking("uname", "echo SunOS")), 3, /SunOS/);
    ended(sandbox.install([], faking("uname", "echo MINGW64_NT-10.0")), 3, /enginery\.cmd/);
    const rosetta = `${sandbox.folderFaking("sysctl", "echo 1")}:${sandbox.folderFaking("uname", "echo Darwin")}:${path}`;
    ended(sandbox.install(["--dry-run"], { PATH: rosetta }), 0, /Rosetta/, /arch -arm64/);
    ended(sandbox.install([], { HOME: "" }), 2, /HOME is not set/);
    ended(sandbox.install([], { TMPDIR: join(sandbox.root, "gone") }), 7, /TMPDIR/);
    assert.deepEqual(picture(home), untouched);
  });

  it("wants to lie in a checkout, or to know of a release", () => {
    copyFileSync(join(checkout, "install.sh"), join(sandbox.root, "install.sh"));
    ended(sandbox.run(["sh", join(sandbox.root, "install.sh")]), 2, /not lie in a checkout/, /--from URL/);
  });

  it("asks on a terminal and takes no for an answer", { skip: has("script") ? false : "script is not there" }, () => {
    const install = `sh '${join(checkout, "install.sh")}'`;
    const ran = sandbox.run(["sh", "-c", `printf 'n\\n' | script -qec "${install}" /dev/null`]);
    ended(ran, 0, /Go on\? \[Y\/n\]/, /Nothing was changed/);
    assert.deepEqual(picture(home), untouched);
  });

  const noexec = join(sandbox.root, "noexec");
  it("names a file system mounted noexec", { skip: process.getuid?.() === 0 ? false : "needs to be root" }, (t) => {
    mkdirSync(noexec);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "noexec", "tmpfs", noexec]).status !== 0)
      return t.skip("no mounts here");
    try {
      ended(sandbox.install(["--home", join(noexec, "home")]), 3, /noexec/, /--home DIR/);
    } finally {
      spawnSync("umount", [noexec]);
    }
  });

  it("leaves a command alone that it did not make", () => {
    const foreign = join(home, ".local", "bin");
    mkdirSync(foreign, { recursive: true });
    writeFileSync(join(foreign, "enginery"), "#!/bin/sh\necho somebody else's\n");
    ended(sandbox.install(["--no-demo"]), 3, /was not made by this script/, /--bin-dir/);
    assert.match(readFileSync(join(foreign, "enginery"), "utf8"), /somebody else's/);
    rmSync(join(home, ".local"), { recursive: true });
    assert.deepEqual(picture(home), untouched);
  });

  it("ends with the demo channel laid out and two epochs' engines run", () => {
    writeFileSync(join(home, ".bashrc"), "alias ll='ls -l'");
    const ran = sandbox.install([]);
    ended(ran, 0, /9\.0\.1/, /23\.0\.2/, /36\.0\.2/);
    const [first = "", second = ""] = ran.said.split("$ enginery exec wasmtime").slice(1);
    assert.match(first, /--epoch 50 [\s\S]*runs .*9\.0\.1\/wizer[\s\S]*constant expression required[\s\S]*exit 1/);
    assert.match(second, /--epoch 250 [\s\S]*runs .*36\.0\.2\/wizer[\s\S]*40 \+ 2 = 42[\s\S]*exit 0/);
    const receipt = JSON.parse(readFileSync(join(home, ".config", "enginery", "receipt.json"), "utf8")) as Receipt;
    for (const { path: made } of receipt.made) assert.ok(existsSync(made), `${made} is there`);
    assert.ok(readFileSync(join(home, ".bashrc"), "utf8").startsWith("alias ll='ls -l'\nif [ -r '"));
    const shell = sandbox.run(["sh", "-c", '. "$HOME/.profile" && enginery which wasmtime --epoch 100']);
    ended(shell, 0, /23\.0\.2/);
  });

  it("changes nothing the second time, and says so, whatever the shell", () => {
    const before = [picture(home), picture(checkout, NODES_OWN)];
    for (const shell of SHELLS.filter(([command = ""]) => has(command))) {
      ended(sandbox.install(["-y"], {}, shell), 0, /nothing was changed/, /runs .*36\.0\.2\/wizer/);
      assert.deepEqual([picture(home), picture(checkout, NODES_OWN)], before, shell.join(" "));
    }
  });

  it("plans with true sizes, once it can", () => {
    const place = join(sandbox.root, "planned");
    ended(sandbox.install(["-n", "--home", place]), 0, /36\.0\.2 .* MiB/, /Nothing was changed/);
    assert.ok(!existsSync(place));
  });

  it("builds anew after a pull", () => {
    const source = join(checkout, "src", "cli", "version.ts");
    writeFileSync(source, readFileSync(source));
    ended(sandbox.install(["-y", "--no-demo"]), 0, /npm run build/);
    ended(sandbox.install(["-y", "--no-demo"]), 0, /nothing was changed/);
  });

  it("tells later steps of a workflow, once", () => {
    const file = join(sandbox.root, "github-path");
    writeFileSync(file, "");
    for (const _ of [1, 2]) ended(sandbox.install(["-q", "--no-demo"], { GITHUB_PATH: file, CI: "true" }), 0);
    assert.equal(readFileSync(file, "utf8"), `${join(home, ".local", "bin")}\n`);
  });

  it("does not touch a home that follows another channel", () => {
    const config = join(home, ".local", "share", "enginery", "config.json");
    const text = readFileSync(config, "utf8");
    writeFileSync(config, text.replace('"demo"', '"mainnet"'));
    const before = picture(home);
    ended(sandbox.install([]), 3, /follows the channel/, /--home DIR/);
    assert.deepEqual(picture(home), before);
    writeFileSync(config, text);
  });

  it("leaves start files alone when told to, and takes other places", () => {
    const elsewhere = { HOME: join(sandbox.root, "second home") };
    mkdirSync(elsewhere.HOME);
    const places = [
      "--no-modify-path",
      "--home",
      join(sandbox.root, "it's here"),
      "--bin-dir",
      join(sandbox.root, "b i n"),
    ];
    ended(sandbox.install([...places, "--no-demo"], elsewhere), 0, /export PATH=/);
    assert.ok(!existsSync(join(elsewhere.HOME, ".profile")));
    const launched = sandbox.run([join(sandbox.root, "b i n", "enginery"), "status"], elsewhere);
    ended(launched, 7, /it's here/);
    ended(sandbox.install(["--uninstall"], elsewhere), 0);
    assert.deepEqual(picture(elsewhere.HOME), new Map());
    assert.ok(!existsSync(join(sandbox.root, "b i n")));
  });

  it("uninstalls what the receipt lists, and nothing else", () => {
    writeFileSync(join(home, ".local", "bin", "mine"), "mine");
    const listed = sandbox.install(["--uninstall", "--dry-run"]);
    ended(listed, 0, /Nothing was changed/);
    // the runs that the install ended with have left their claims
    assert.ok(readdirSync(join(home, ".local", "share", "enginery", "leases")).length > 0);
    ended(sandbox.install(["--uninstall", "--purge", "--dry-run"]), 0, /Nothing was changed/);
    assert.ok(existsSync(join(home, ".local", "bin", "enginery")));
    ended(sandbox.install(["--uninstall"]), 0, /kept\t.*share\/enginery \(the home/, /removed/);
    ended(sandbox.run(["sh", "-c", `chmod -R u+w "$0" && rm -rf "$0"`, join(home, ".local", "share")]), 0);
    assert.deepEqual([...picture(home).keys()].sort(), [".bashrc", ".local", ".local/bin", ".local/bin/mine"]);
    assert.equal(readFileSync(join(home, ".bashrc"), "utf8"), "alias ll='ls -l'\n");
    assert.deepEqual([...picture(checkout).keys()], cloned, "the checkout is as it was cloned");
    ended(sandbox.install(["--uninstall"]), 7, /no receipt/);
  });
});
