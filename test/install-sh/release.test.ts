import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { after, describe, it } from "node:test";
import { makeTestRelease, serveFolder, toyProgram } from "./release-folder.ts";
import { picture, type Ran, Sandbox } from "./sandbox.ts";

interface Receipt {
  readonly format: number;
  readonly repository: string;
  readonly made: readonly { readonly kind: string; readonly path: string; readonly sha256?: string }[];
}

/** By whole paths: the sandbox's own PATH has only the system's. */
const SHELLS = [["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["ksh"], ["ksh93"], ["mksh"], ["zsh"]]
  .map(([name = "", ...words]) => [found(name), ...words])
  .filter((shell): shell is [string, ...string[]] => shell[0] !== undefined);
/** Those that a system's sh may be; where one is missing, that is counted. */
const MISSING = ["dash", "bash", "busybox", "ksh", "zsh"].filter((name) => found(name) === undefined);
const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];
const HERE = `linux-${process.arch}`;

function found(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

describe("install.sh of a release", { skip: process.platform === "linux" ? false : "needs Linux" }, () => {
  const sandbox = new Sandbox();
  const { root, home, path } = sandbox;
  const release = makeTestRelease(root, "0.2.0", PLATFORMS);
  const next = makeTestRelease(root, "0.3.0", PLATFORMS, release.key);
  const script = join(release.folder, "install.sh");
  const self = join(home, ".local", "share", "enginery-self");
  const command = join(home, ".local", "bin", "enginery");
  const untouched = picture(home);
  after(() => sandbox.dispose());

  function ended(ran: Ran, status: number, ...said: readonly RegExp[]): void {
    assert.equal(ran.status, status, ran.said);
    for (const words of said) assert.match(ran.said, words);
  }

  /** As `curl ... | sh -s -- WORDS` runs it. */
  function piped(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    shell: readonly string[] = ["sh"],
    file = script,
  ): Ran {
    const line = '"$@" <"$SCRIPT"';
    return sandbox.run(["/bin/sh", "-c", line, "sh", ...shell, "-s", "--", ...words], {
      ENGINERY_RELEASE: release.folder,
      SCRIPT: file,
      ...env,
    });
  }

  function freshHome(name: string): { readonly HOME: string } {
    const HOME = join(root, name);
    rmSync(HOME, { recursive: true, force: true });
    mkdirSync(HOME);
    return { HOME };
  }

  /** A PATH with these commands of the system and no others. */
  function only(...names: readonly string[]): { readonly PATH: string } {
    const places = names.map((name) => [
      name,
      ["/usr/bin", "/bin"].map((at) => join(at, name)).find(existsSync) ?? "/nowhere",
    ]);
    return { PATH: sandbox.folderWith(Object.fromEntries(places)) };
  }
  const TOOLS = [
    "uname",
    "mkdir",
    "rmdir",
    "rm",
    "mv",
    "cp",
    "cat",
    "sed",
    "grep",
    "chmod",
    "mktemp",
    "cmp",
    "dirname",
    "tail",
    "ls",
    "ln",
    "awk",
    "wc",
    "tr",
    "sync",
    "sh",
    "getconf",
    "head",
  ];
  const faking = (name: string, text: string) => ({ PATH: `${sandbox.folderFaking(name, text)}:${path}` });

  for (const name of MISSING) it(`runs in ${name}`, { skip: `there is no ${name} here` }, () => {});

  for (const shell of SHELLS) {
    it(`runs nothing of itself where it is cut, in ${shell.join(" ")}`, () => {
      const { length } = readFileSync(script);
      // every 64th byte, and each of the last line's
      const cuts = [...Array(64).keys()].map((back) => length - 2 - back);
      for (let at = 64; at < length; at += 64) cuts.push(at);
      const each =
        'for at in $CUTS; do head -c "$at" "$SCRIPT" >"$CUT"; said=$("$@" -s -- --help <"$CUT" 2>&1); case $said in *Usage:* | *install.sh:*) echo "cut at $at: $said" ;; esac; done; head -c 99999 "$SCRIPT" | "$@" -s -- --help';
      const ran = sandbox.run(["/bin/sh", "-c", each, "sh", ...shell], {
        SCRIPT: script,
        CUTS: cuts.join(" "),
        CUT: join(root, "cut.sh"),
        ENGINERY_RELEASE: release.folder,
      });
      ended(ran, 0, /^Usage:/);
      assert.deepEqual(picture(home), untouched);
    });

    it(`installs, changes nothing the second time, and uninstalls, in ${shell.join(" ")}`, () => {
      const env = { ...freshHome("a person's home"), LC_ALL: "C.UTF-8" };
      // a start file is not always text, and often a link
      mkdirSync(join(env.HOME, "dotfiles"));
      writeFileSync(join(env.HOME, "dotfiles", "profile"), Buffer.from("# caf\xe9\nexport A=1\n\xff\xfe\n", "latin1"), {
        mode: 0o640,
      });
      symlinkSync("dotfiles/profile", join(env.HOME, ".profile"));
      const before = picture(env.HOME);
      ended(
        piped(["--key", release.publicKey], env, shell),
        0,
        /0\.2\.0 is installed/,
        /signature: checked by openssl/,
      );
      const link = join(env.HOME, ".local", "bin", "enginery");
      const kept = join(env.HOME, ".local", "share", "enginery-self");
      assert.equal(readlinkSync(link), join(kept, "bin", "enginery"));
      assert.equal(readlinkSync(join(kept, "bin", "enginery")), join(kept, "placed", "enginery-0.2.0"));
      ended(sandbox.run([link, "--version"], env), 0, /^enginery 0\.2\.0$/m);
      const there = picture(env.HOME);
      ended(piped(["--key", release.publicKey], env, shell), 0, /nothing was changed/);
      assert.deepEqual(picture(env.HOME), there);
      ended(piped(["--uninstall"], env, shell), 0, /is removed/);
      const timeless = (what: string) => what.replace(/^(file \d+) [\d.]+/, "$1");
      assert.deepEqual([...picture(env.HOME).values()].map(timeless), [...before.values()].map(timeless));
    });
  }

  it("says what it would do and does none of it", () => {
    ended(piped(["--dry-run"]), 0, /0\.2\.0 for linux-/, /\.local\/bin\/enginery/, /\.profile/, /Nothing was changed/);
    ended(piped([], { ENGINERY_DRY_RUN: "1" }), 0, /Nothing was changed/);
    assert.deepEqual(picture(home), untouched);
  });

  it("takes what a web server serves, with curl and with wget, and no plain http: from elsewhere", async () => {
    const { url, server } = await serveFolder(release.folder);
    const later = (words: readonly string[], env: Readonly<Record<string, string>>) =>
      new Promise<Ran>((done) => {
        const child = spawn("/bin/sh", ["-s", "--", ...words], { cwd: root, env: { HOME: home, PATH: path, ...env } });
        const said: Buffer[] = [];
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
        child.on("close", (status) => done({ status, said: Buffer.concat(said).toString() }));
        child.stdin.end(readFileSync(script));
      });
    try {
      for (const downloader of ["curl", "wget"]) {
        const env = { ...freshHome(`by ${downloader}`), ...only(...TOOLS, "sha256sum", "openssl", "gzip", downloader) };
        const ran = await later(["--from", url, "--key", release.publicKey], env);
        ended(ran, 0, /Fetching enginery-0\.2\.0-linux-\w+\.gz/, /checked by openssl/);
        ended(await later(["--from", `${url}/nowhere`], env), 7, /has no SHA256SUMS/);
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
    for (const from of [
      "http://engines.example",
      "http://127.0.0.1@engines.example",
      "http://127.0.0.1.engines.example",
    ]) {
      ended(piped(["--from", from]), 3, /plain http:/, /--allow-http/);
    }
    ended(piped(["--from", "ftp://engines.example"]), 2, /over https/);
    assert.deepEqual(picture(home), untouched);
  });

  it("stops at what is not what the list says, compressed or not", () => {
    for (const name of [`enginery-0.2.0-${HERE}`, `enginery-0.2.0-${HERE}.gz`, `enginery-0.2.0-${HERE}.zst`]) {
      const env = { ...freshHome("cheated"), ENGINERY_RELEASE: join(root, "cheating") };
      rmSync(env.ENGINERY_RELEASE, { recursive: true, force: true });
      spawnSync("cp", ["-r", release.folder, env.ENGINERY_RELEASE]);
      const tools = { "": "", ".gz": "gzip", ".zst": "zstd" }[name.slice(`enginery-0.2.0-${HERE}`.length)] ?? "";
      appendFileSync(join(env.ENGINERY_RELEASE, name), "#");
      ended(
        piped([], { ...env, ...only(...TOOLS, "sha256sum", ...(tools === "" ? [] : [tools])) }, ["/bin/sh"]),
        5,
        /not what SHA256SUMS says/,
      );
      assert.deepEqual([...picture(join(env.HOME, ".local", "share", "enginery-self")).keys()], ["placed"]);
      assert.ok(!existsSync(join(env.HOME, ".local", "bin")));
    }
  });

  it("computes hashes with what there is, and never goes without", () => {
    for (const digest of ["sha256sum", "shasum", "openssl"].filter((name) => existsSync(join("/usr/bin", name)))) {
      ended(
        piped([], { ...freshHome(`by ${digest}`), ...only(...TOOLS, digest, "perl") }, ["/bin/sh"]),
        0,
        /is installed/,
      );
    }
    ended(
      piped([], { ...freshHome("without"), ...only(...TOOLS) }, ["/bin/sh"]),
      7,
      /nothing is installed unchecked/,
      /Install one of/,
    );
  });

  it("checks the signature where it can, says where it cannot, and stops where it is wrong or gone", () => {
    const key = ["--key", release.publicKey];
    const node = sandbox.folderWith({ node: process.execPath });
    const bare = only(...TOOLS, "sha256sum");
    ended(piped(["-n", ...key], { PATH: `${bare.PATH}:${node}` }, ["/bin/sh"]), 0, /checked by node/);
    ended(piped(["-n", ...key], bare, ["/bin/sh"]), 0, /not checked: neither openssl/);
    ended(piped(["-n", "--require-signature", ...key], bare, ["/bin/sh"]), 4, /cannot be checked/);
    ended(piped(["-n"], {}), 0, /checked by openssl/);
    const unsigned = join(root, "unsigned");
    spawnSync("cp", ["-r", release.folder, unsigned]);
    rmSync(join(unsigned, "SHA256SUMS.sig"));
    ended(piped(["--from", unsigned, ...key]), 4, /no signature/);
    const other = makeTestRelease(root, "0.9.0", PLATFORMS);
    for (const verifier of [{}, { PATH: `${bare.PATH}:${node}` }]) {
      ended(piped(["--key", other.publicKey], verifier, ["/bin/sh"]), 4, /not the publisher's/);
    }
    appendFileSync(join(unsigned, "SHA256SUMS"), "no hash\n");
    ended(piped(["--from", unsigned, "--key", join(root, "none.pem")]), 2, /no file .*none\.pem/);
    assert.deepEqual(picture(home), untouched);
  });

  it("refuses what it has no file for, by its name", () => {
    const uname = (system: string, machine: string) =>
      faking("uname", `case $1 in -s) echo ${system} ;; *) echo ${machine} ;; esac`);
    ended(piped([], uname("Linux", "i686")), 3, /32-bit system \(i686\)/);
    ended(piped([], uname("Linux", "armv7l")), 3, /32-bit system \(armv7l\)/);
    ended(piped([], uname("Linux", "riscv64")), 3, /Linux on riscv64/, /npm install/);
    ended(piped([], uname("SunOS", "sun4v")), 3, /SunOS/);
    ended(piped([], uname("MINGW64_NT-10.0", "x86_64")), 3, /install\.ps1/);
    const getconf = (text: string) => faking("getconf", `case $1 in LONG_BIT) ${text} ;; *) ${text} ;; esac`);
    ended(piped([], getconf("echo 32")), 3, /32-bit userland/);
    ended(
      piped([], faking("getconf", "case $1 in LONG_BIT) echo 64 ;; *) echo glibc 2.27 ;; esac")),
      3,
      /2\.27; 2\.28 is the oldest/,
    );
    ended(piped(["-n"], faking("getconf", "case $1 in LONG_BIT) echo 64 ;; *) echo glibc 2.28 ;; esac")), 0);
    ended(piped(["-n"], faking("getconf", "case $1 in LONG_BIT) echo 64 ;; *) echo glibc 3.0 ;; esac")), 0);
    const linuxAlone = makeTestRelease(root, "0.4.0", ["linux-arm64"]);
    ended(
      piped(["-n", "--from", linuxAlone.folder, "--key", linuxAlone.publicKey], uname("Linux", "x86_64")),
      3,
      /It has: enginery-0\.4\.0-linux-arm64/,
    );
    assert.deepEqual(picture(home), untouched);
  });

  it("takes the Apple processor's file under Rosetta", () => {
    const mac = (machine: string) => faking("uname", `case $1 in -s) echo Darwin ;; *) echo ${machine} ;; esac`).PATH;
    const rosetta = { PATH: `${sandbox.folderFaking("sysctl", "echo 1")}:${mac("x86_64")}` };
    ended(piped(["-n"], rosetta), 0, /under Rosetta/, /0\.2\.0 for darwin-arm64/);
    const intel = { PATH: `${sandbox.folderFaking("sysctl", "echo 0")}:${mac("x86_64")}` };
    ended(piped(["-n"], intel), 0, /0\.2\.0 for darwin-x64/);
    ended(piped(["-n"], { PATH: mac("arm64") }), 0, /0\.2\.0 for darwin-arm64/);
  });

  it("puts nothing in place that does not start as what it is called", () => {
    const lying = join(root, "lying");
    mkdirSync(lying);
    writeFileSync(join(lying, `enginery-0.5.0-${HERE}`), toyProgram("0.4.9"));
    const sum = spawnSync("sha256sum", [`enginery-0.5.0-${HERE}`], { cwd: lying, encoding: "utf8" }).stdout;
    writeFileSync(join(lying, "SHA256SUMS"), sum);
    const env = freshHome("lied to");
    const plain = { ...env, ENGINERY_RELEASE_KEY: "" };
    const unfilled = join(sandbox.checkout, "install.sh");
    ended(piped(["--from", lying], plain, ["sh"], unfilled), 7, /says 'enginery 0\.4\.9', not 'enginery 0\.5\.0'/);
    assert.deepEqual(readdirSync(join(env.HOME, ".local", "share", "enginery-self", "placed")), []);
    assert.ok(!existsSync(join(env.HOME, ".local", "bin")));
  });

  it("leaves a command alone that it did not make", () => {
    const env = freshHome("occupied");
    mkdirSync(join(env.HOME, ".local", "bin"), { recursive: true });
    symlinkSync("/bin/true", join(env.HOME, ".local", "bin", "enginery"));
    ended(piped([], env), 3, /was not made by this script/, /--bin-dir/);
    assert.equal(readlinkSync(join(env.HOME, ".local", "bin", "enginery")), "/bin/true");
  });

  it("needs no root, and takes other places and variables", {
    skip: process.getuid?.() === 0 ? false : "needs to be root",
  }, () => {
    const env = {
      ...freshHome("nobody"),
      ENGINERY_BIN_DIR: join(root, "nobody", "b i n"),
      ENGINERY_SELF: join(root, "nobody", "it's self"),
      ENGINERY_NO_COMPLETIONS: "1",
    };
    spawnSync("chown", ["-R", "65534:65534", env.HOME]);
    spawnSync("chmod", ["755", root]);
    const ran = sandbox.run(
      [
        "/bin/sh",
        "-c",
        'setpriv --reuid 65534 --regid 65534 --clear-groups -- /bin/sh -s -- --no-modify-path <"$0"',
        script,
      ],
      { ...env, ENGINERY_RELEASE: release.folder },
    );
    ended(ran, 0, /export PATH=/);
    assert.equal(statSync(join(env.ENGINERY_BIN_DIR, "enginery")).uid, 65534);
    assert.ok(!existsSync(join(env.HOME, ".profile")));
    assert.ok(!existsSync(join(env.HOME, ".local", "share", "bash-completion")));
  });

  it("has names for what is neither yes nor no, and for what it does not know", () => {
    ended(piped([], { ENGINERY_YES: "perhaps" }), 2, /ENGINERY_YES is perhaps/);
    ended(piped(["--frobnicate"]), 2, /no option --frobnicate/);
    ended(piped(["--purge"]), 2, /--purge is for --uninstall/);
  });

  it("installs a later release over an earlier one by one rename, and lists what was made", () => {
    ended(piped([]), 0, /0\.2\.0 is installed/);
    ended(
      sandbox.run(["/bin/sh", "-c", 'sh -s <"$0"', join(next.folder, "install.sh")], { ENGINERY_RELEASE: next.folder }),
      0,
      /0\.3\.0 is installed/,
    );
    ended(sandbox.run([command, "--version"]), 0, /^enginery 0\.3\.0$/m);
    assert.deepEqual(readdirSync(join(self, "placed")).sort(), ["enginery-0.2.0", "enginery-0.3.0"]);
    assert.match(readFileSync(join(self, "root.json"), "utf8"), /root of 0\.3\.0/);
    const receipt = JSON.parse(readFileSync(join(home, ".config", "enginery", "receipt.json"), "utf8")) as Receipt;
    assert.equal(receipt.format, 2);
    assert.equal(receipt.repository, `${next.folder}/repository`);
    for (const { path: made } of receipt.made) assert.ok(existsSync(made), `${made} is there`);
    const paths = receipt.made.filter(({ kind }) => kind !== "line").map(({ path: made }) => made);
    assert.equal(new Set(paths).size, paths.length, "each path has one entry");
  });

  it("keeps and names what was changed since, and what is not its own", () => {
    const completions = join(home, ".local", "share", "bash-completion", "completions", "enginery");
    appendFileSync(completions, "# mine\n");
    const engines = join(home, ".local", "share", "enginery");
    mkdirSync(engines, { recursive: true });
    writeFileSync(join(engines, "VERSION"), "1\n");
    copyFileSync("/bin/true", join(home, ".local", "bin", "mine"));
    ended(piped(["--uninstall", "--dry-run"]), 0, /Nothing was changed/);
    assert.ok(existsSync(command));
    ended(piped(["--uninstall"]), 0, /kept\t.*completions\/enginery \(changed since/, /is removed/);
    const left = [...picture(home).entries()].filter(([, what]) => !what.startsWith("folder")).map(([name]) => name);
    assert.deepEqual(left.sort(), [
      ".local/bin/mine",
      ".local/share/bash-completion/completions/enginery",
      ".local/share/enginery/VERSION",
    ]);
    ended(piped(["--uninstall"]), 7, /no receipt/);
  });

  it("takes nothing from a receipt that it would not have written", () => {
    const precious = join(home, "precious");
    writeFileSync(precious, "mine\n");
    const folder = join(home, ".config", "enginery");
    mkdirSync(folder, { recursive: true });
    const sha = spawnSync("sha256sum", [precious], { encoding: "utf8" }).stdout.slice(0, 64);
    symlinkSync(precious, join(home, "to-precious"));
    // as a folder of single files is known, and as a checkout's modules are
    for (const name of ["mine/placed", "mine/node_modules"]) mkdirSync(join(home, name), { recursive: true });
    writeFileSync(join(home, "mine", "placed", "diary"), "mine\n");
    spawnSync("mkfifo", [join(home, "pipe")]);
    const entries = [
      { kind: "self", path: join(home, "mine") },
      { kind: "made", path: join(home, "mine", "node_modules") },
      { kind: "line", path: join(home, "pipe"), text: ". env" },
      { kind: "file", path: `${home}/x/../precious`, sha256: sha },
      { kind: "file", path: "precious", sha256: sha },
      { kind: "file", path: precious },
      { kind: "file", path: join(home, "to-precious"), sha256: sha },
      { kind: "link", path: join(home, "to-precious"), within: self },
      { kind: "self", path: home },
      { kind: "home", path: home },
      { kind: "made", path: home },
      { kind: "folder", path: home },
    ];
    const lines = entries
      .map((entry) => `    ${JSON.stringify(entry).replaceAll('":"', '": "').replaceAll(',"', ', "')}`)
      .join(",\n");
    writeFileSync(join(folder, "receipt.json"), `{\n  "format": 2,\n  "made": [\n${lines}\n  ]\n}\n`);
    ended(piped(["--uninstall", "--purge"]), 0);
    assert.equal(readFileSync(precious, "utf8"), "mine\n");
    for (const name of ["to-precious", "mine/placed/diary", "mine/node_modules", "pipe"])
      assert.ok(existsSync(join(home, name)), name);
  });

  it("does not purge a home that something claims", () => {
    const leases = join(home, ".local", "share", "enginery", "leases");
    mkdirSync(leases, { recursive: true });
    writeFileSync(join(leases, "1.json"), "{}");
    writeFileSync(join(leases, "..", "VERSION"), "1\n");
    ended(piped([]), 0);
    ended(piped(["--uninstall", "--purge"]), 6, /claims an engine/, /enginery uninstall --purge/);
    assert.ok(existsSync(command));
    rmSync(join(leases, "1.json"));
    const outside = join(home, "claims");
    writeFileSync(join(leases, "..", "LEASES"), `${outside}\n`);
    ended(piped(["--uninstall", "--purge"]), 6, /There is no folder/);
    mkdirSync(outside);
    writeFileSync(join(outside, "1.json"), "{}");
    ended(piped(["--uninstall", "--purge"]), 6, /claims an engine/);
    // the command is asked, which finds out who is gone
    writeFileSync(join(home, "claims-are-over"), "");
    ended(piped(["--uninstall", "--purge"]), 0);
    rmSync(join(home, "claims-are-over"));
    assert.ok(!existsSync(join(home, ".local", "share", "enginery")));
  });
});
