import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { makeTestRelease } from "./release-folder.ts";
import { picture, type Ran, Sandbox } from "./sandbox.ts";

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65534;

describe("install.sh of a release, where a host is not as usual", {
  skip: process.platform === "linux" ? false : "needs Linux",
}, () => {
  const sandbox = new Sandbox();
  const { root, path } = sandbox;
  const release = makeTestRelease(root, "0.2.0", ["linux-x64", "linux-arm64"]);
  const next = makeTestRelease(root, "0.3.0", ["linux-x64", "linux-arm64"], release.key);
  chmodSync(root, 0o755);
  after(() => sandbox.dispose());

  function ended(ran: Ran, status: number, ...said: readonly RegExp[]): void {
    assert.equal(ran.status, status, ran.said);
    for (const words of said) assert.match(ran.said, words);
  }

  /** As `curl ... | sh -s -- WORDS` runs it; `before`: what the shell does first, or what it is started by. */
  function piped(words: readonly string[], env: Readonly<Record<string, string>>, before = "", from = release): Ran {
    const line = `${before} /bin/sh -s -- "$@" <"$SCRIPT"`;
    const rest = { ENGINERY_RELEASE: from.folder, SCRIPT: join(from.folder, "install.sh"), ...env };
    return sandbox.run(["/bin/sh", "-c", line, "sh", ...words], rest);
  }

  function freshHome(name: string): { readonly HOME: string } {
    const HOME = join(root, name);
    mkdirSync(HOME);
    return { HOME };
  }

  it("names a HOME that cannot be written to, and leaves nothing", {
    skip: IS_ROOT ? false : "needs to be root",
  }, () => {
    const env = { ...freshHome("read only"), TMPDIR: join(root, "read only's tmp") };
    mkdirSync(env.TMPDIR, { mode: 0o777 });
    chmodSync(env.TMPDIR, 0o777);
    chownSync(env.HOME, NOBODY, NOBODY);
    chmodSync(env.HOME, 0o555);
    const nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups --";
    ended(piped([], env, nobody), 7, /folder .*\.local cannot be made/, /owner and mode/);
    assert.deepEqual([picture(env.HOME), picture(env.TMPDIR)], [new Map(), new Map()]);
  });

  it("asks the proxies that the environment names, with curl and with wget", async () => {
    const asked: string[] = [];
    const proxy = createServer(({ url = "" }, response) => {
      asked.push(url);
      const file = join(release.folder, new URL(url).pathname);
      if (url.startsWith("http://engines.example/") && existsSync(file)) response.end(readFileSync(file));
      else response.writeHead(404).end();
    });
    proxy.on("connect", ({ url = "" }, socket) => {
      asked.push(`CONNECT ${url}`);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
    const address = proxy.address();
    assert.ok(typeof address === "object" && address !== null);
    const way = `http://127.0.0.1:${address.port}`;
    try {
      for (const [downloader, other] of [
        ["curl", "wget"],
        ["wget", "curl"],
      ] as const) {
        const env = {
          ...freshHome(`by ${downloader}`),
          PATH: withoutCommand(other),
          http_proxy: way,
          https_proxy: way,
        };
        const words = ["--from", "http://engines.example", "--allow-http", "--key", release.publicKey];
        ended(await later(words, env), 0, /0\.2\.0 is installed/);
        assert.ok(asked.includes("http://engines.example/SHA256SUMS"), downloader);
        asked.length = 0;
        ended(await later(["--from", "https://engines.example"], env), 7, /could not be fetched/, /the proxy/);
        assert.ok(asked.includes("CONNECT engines.example:443"), downloader);
        asked.length = 0;
      }
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it("minds no noexec on the temporary folder, and names one where it installs", {
    skip: IS_ROOT ? false : "needs to be root",
  }, (t) => {
    const noexec = join(root, "noexec");
    mkdirSync(noexec);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "noexec", "tmpfs", noexec]).status !== 0)
      return t.skip("no mounts here");
    try {
      ended(piped([], { ...freshHome("beside noexec"), TMPDIR: noexec }), 0, /is installed/);
      const env = freshHome("on noexec");
      ended(piped(["--self", join(noexec, "self")], env), 3, /noexec/, /--self DIR/);
      ended(piped(["--unmanaged", join(noexec, "bin")], env), 3, /noexec/, /--unmanaged DIR/);
      assert.ok(!existsSync(join(env.HOME, ".local")));
    } finally {
      spawnSync("umount", [noexec]);
    }
  });

  it("works under umask 077, and changes nothing under another", () => {
    const env = freshHome("umask");
    ended(piped([], env, "umask 077;"), 0, /is installed/);
    const share = join(env.HOME, ".local", "share");
    assert.equal(statSync(share).mode & 0o777, 0o700);
    assert.equal(statSync(join(share, "enginery-self", "placed", "enginery-0.2.0")).mode & 0o777, 0o555);
    const there = picture(env.HOME);
    ended(piped([], env, "umask 022;"), 0, /nothing was changed/);
    assert.deepEqual(picture(env.HOME), there);
  });

  it("takes a PATH with blanks as it is", () => {
    const env = freshHome("blanks");
    const bin = join(env.HOME, "my own bin");
    const ran = piped(["--bin-dir", bin], { ...env, PATH: `${join(root, "no such folder")}:${bin}:${path}` });
    ended(ran, 0, /is installed/);
    assert.ok(!existsSync(join(env.HOME, ".profile")), "it is on PATH already");
    ended(sandbox.run(["/bin/sh", "-c", "enginery --version"], { ...env, PATH: `${bin}:${path}` }), 0, /0\.2\.0/);
  });

  it("does not write as root into the home that sudo left", { skip: IS_ROOT ? false : "needs to be root" }, () => {
    const env = { ...freshHome("a person's"), SUDO_UID: String(NOBODY) };
    chownSync(env.HOME, NOBODY, NOBODY);
    ended(piped([], env), 3, /belongs to another account/, /without sudo/, /sudo -H/);
    assert.deepEqual(picture(env.HOME), new Map());
    ended(piped([], { ...freshHome("root's own"), SUDO_UID: String(NOBODY) }), 0, /is installed/);
  });

  it("makes one file and nothing else where it is to be unmanaged", () => {
    const env = freshHome("unmanaged");
    const folder = join(root, "an image", "bin");
    const words = ["--unmanaged", folder, "--key", release.publicKey];
    ended(piped([...words, "--dry-run"], env), 0, /an image\/bin\/enginery, fetched as/, /Nothing was changed/);
    ended(piped(words, env), 0, /0\.2\.0 is at .*an image\/bin\/enginery/, /checked by/);
    assert.deepEqual([...picture(folder).keys()], ["enginery"]);
    assert.deepEqual(picture(env.HOME), new Map());
    const there = picture(folder);
    ended(piped([], { ...env, ENGINERY_UNMANAGED_INSTALL: folder }), 0, /nothing was changed/);
    assert.deepEqual(picture(folder), there);
    ended(piped(words, env, "", next), 0, /0\.3\.0 is at/);
    ended(sandbox.run([join(folder, "enginery"), "--version"], env), 0, /^enginery 0\.3\.0$/m);
    ended(piped([...words, "--uninstall"], env), 2, /no receipt: remove its file/);
    assert.deepEqual(picture(env.HOME), new Map());
    rmSync(folder, { recursive: true });
  });

  /** The script's own commands, and all of the system's but this one. */
  function withoutCommand(name: string): string {
    const folder = sandbox.folderWith({});
    const link = 'ln -s /usr/bin/* "$1/" && for place in /bin/*; do ln -sf "$place" "$1/"; done; rm -f "$1/$2"';
    assert.equal(spawnSync("/bin/sh", ["-c", link, "sh", folder, name]).status, 0);
    return folder;
  }

  /** Beside this process, which serves it. */
  function later(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
    return new Promise((done) => {
      const child = spawn("/bin/sh", ["-s", "--", ...words], { cwd: root, env });
      const said: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
      child.on("close", (status) => done({ status, said: Buffer.concat(said).toString() }));
      child.stdin.end(readFileSync(join(release.folder, "install.sh")));
    });
  }
});
