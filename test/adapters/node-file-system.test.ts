import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { calling, translateErrno } from "../../src/adapters/errno.ts";
import { fileSystemName } from "../../src/adapters/file-system-types.ts";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { outwaiting } from "../../src/adapters/sharing-violations.ts";
import type { ErrorCode } from "../../src/core/errors.ts";

const disk = nodeFileSystem();

function scratch(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "enginery-disk-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

for (const mask of [0, 0o077, 0o777]) {
  test(`modes are exact under umask ${mask.toString(8)}`, () => {
    using place = scratch();
    const before = process.umask(mask);
    try {
      disk.createExclusive(`${place.path}/file`, 0o555)?.[Symbol.dispose]();
      disk.openAppend(`${place.path}/log`, 0o644)[Symbol.dispose]();
      disk.makeDirectory(`${place.path}/folder`, 0o755);
    } finally {
      process.umask(before);
    }
    const modes = ["file", "log", "folder"].map((name) => disk.status(`${place.path}/${name}`)?.mode);
    assert.deepEqual(modes, [0o555, 0o644, 0o755]);
  });
}

test("exclusive create takes nothing that is there, and goes through no link", () => {
  using place = scratch();
  writeFileSync(`${place.path}/there`, "mine");
  symlinkSync(`${place.path}/nowhere`, `${place.path}/dangling`);
  symlinkSync(`${place.path}/there`, `${place.path}/link`);
  for (const name of ["there", "dangling", "link"])
    assert.equal(disk.createExclusive(`${place.path}/${name}`, 0o644), undefined);
  assert.equal(readFileSync(`${place.path}/there`, "utf8"), "mine");
  assert.throws(() => disk.openAppend(`${place.path}/link`, 0o644), { code: "io" });
  assert.throws(() => disk.createExclusive(`${place.path}/no/file`, 0o644), { code: "missing" });
});

test("append goes on where the file ends", () => {
  using place = scratch();
  for (const text of ["one", "two"]) {
    using handle = disk.openAppend(`${place.path}/log`, 0o644);
    handle.write(new TextEncoder().encode(text));
    handle.sync();
  }
  assert.equal(readFileSync(`${place.path}/log`, "utf8"), "onetwo");
});

test("what is not there is an answer where the port says so", () => {
  using place = scratch();
  const none = `${place.path}/none`;
  writeFileSync(`${place.path}/file`, "");
  for (const path of [none, `${place.path}/file/below`]) {
    assert.equal(disk.readFile(path), undefined);
    assert.equal(disk.status(path), undefined);
    assert.equal(disk.list(path), undefined);
    assert.equal(disk.readLink(path), undefined);
    assert.equal(disk.unlink(path), false);
    assert.equal(disk.removeDirectory(path), false);
    assert.throws(() => disk.openRead(path), { code: "missing" });
    assert.throws(() => disk.rename(path, `${place.path}/x`), { code: "missing" });
  }
  assert.equal(disk.readLink(`${place.path}/file`), undefined);
});

test("a link is the commit: it never replaces", () => {
  using place = scratch();
  writeFileSync(`${place.path}/a`, "a");
  writeFileSync(`${place.path}/b`, "b");
  assert.equal(disk.link(`${place.path}/a`, `${place.path}/c`), true);
  assert.equal(disk.link(`${place.path}/b`, `${place.path}/c`), false);
  assert.equal(readFileSync(`${place.path}/c`, "utf8"), "a");
  assert.equal(disk.unlink(`${place.path}/a`), true);
});

test("kinds are those of the things themselves", () => {
  using place = scratch();
  mkdirSync(`${place.path}/folder`);
  disk.symlink("folder", `${place.path}/link`);
  writeFileSync(`${place.path}/file`, "12345");
  const kinds = disk
    .list(place.path)
    ?.map(({ name, kind }) => `${name} ${kind}`)
    .sort();
  assert.deepEqual(kinds, ["file file", "folder directory", "link link"]);
  assert.equal(disk.status(`${place.path}/link`)?.kind, "link");
  assert.equal(disk.readLink(`${place.path}/link`), "folder");
  assert.equal(disk.status(`${place.path}/file`)?.bytes, 5);
  assert.equal(disk.makeDirectory(`${place.path}/folder`, 0o755), false);
  writeFileSync(`${place.path}/folder/x`, "");
  assert.equal(disk.removeDirectory(`${place.path}/folder`), false);
});

test("a file is read to its end and no further than it may be", () => {
  using place = scratch();
  writeFileSync(`${place.path}/file`, "12345");
  assert.equal(Buffer.from(disk.readFile(`${place.path}/file`, 5) ?? []).toString(), "12345");
  assert.throws(() => disk.readFile(`${place.path}/file`, 4), { code: "document-invalid" });
  using handle = disk.openRead(`${place.path}/file`);
  const buffer = new Uint8Array(3);
  assert.deepEqual(
    [handle.bytes, handle.read(buffer, 0), handle.read(buffer, 3), handle.read(buffer, 5)],
    [5, 3, 2, 0],
  );
});

test("whether a folder can be written to is asked without writing", () => {
  using place = scratch();
  const { mtimeMs } = statSync(place.path);
  disk.requireWritable(place.path);
  assert.equal(statSync(place.path).mtimeMs, mtimeMs);
  assert.throws(() => disk.requireWritable(`${place.path}/none`), { code: "missing" });
  // root may do what modes forbid, but for what no mode allows
  chmodSync(place.path, 0o555);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) assert.doesNotThrow(() => disk.requireWritable(place.path));
  else assert.throws(() => disk.requireWritable(place.path), { code: "permission" });
  chmodSync(place.path, 0o755);
});

test("flushing takes files that nobody may write, and folders", () => {
  using place = scratch();
  writeFileSync(`${place.path}/file`, "");
  chmodSync(`${place.path}/file`, 0o444);
  disk.syncFile(`${place.path}/file`);
  disk.syncDirectory(place.path);
  nodeFileSystem("win32").syncFile(`${place.path}/file`);
  assert.equal(statSync(`${place.path}/file`).mode & 0o777, 0o444);
  assert.throws(() => disk.syncFile(`${place.path}/none`), { code: "missing" });
});

test("free space is told of the nearest folder above", () => {
  using place = scratch();
  const { bytes, inodes } = disk.freeSpace(`${place.path}/not/yet/there`);
  assert.ok(bytes > 0 && (inodes === undefined || inodes > 0));
  assert.equal(typeof disk.fileSystemType(place.path), "string");
  assert.equal(fileSystemName(0xef53), "ext4");
  assert.equal(fileSystemName(-11317950), "cifs", "sign-extended 0xff534d42");
  assert.equal(fileSystemName(0x1234), "0x1234");
});

for (const [name, code] of Object.entries<ErrorCode>({
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EACCES: "permission",
  EPERM: "permission",
  EROFS: "read-only",
  ENOENT: "missing",
  EIO: "io",
  EMFILE: "io",
})) {
  test(`${name} is ${code}, and names the call and the path`, () => {
    assert.throws(
      () =>
        calling("fsync", "/some/where", () => {
          throw errno(name);
        }),
      {
        name: "EngineryError",
        code,
        message: new RegExp(`fsync /some/where.*${name}`),
        context: { errno: name, call: "fsync", path: "/some/where" },
      },
    );
  });
}

test("what is no errno is not translated", () => {
  const bug = new TypeError("bug");
  assert.equal(translateErrno(bug, "open", "/x"), bug);
  const ours = Object.assign(new Error(), { code: "ERR_INVALID_ARG_TYPE" });
  assert.equal(translateErrno(ours, "open", "/x"), ours);
});

test("a sharing violation is waited out a little longer each time, up to the bound", () => {
  const waits: number[] = [];
  const patience = { boundMs: 100, stepMs: 10, wait: (ms: number) => void waits.push(ms) };
  let failures = 3;
  const action = () => {
    if (failures-- > 0) throw errno("EBUSY");
    return "done";
  };
  assert.equal(outwaiting(patience, action), "done");
  assert.deepEqual(waits, [10, 20, 30]);
  assert.throws(
    () =>
      outwaiting(patience, () => {
        throw errno("EPERM");
      }),
    { code: "EPERM" },
  );
  assert.ok(waits.slice(3).reduce((sum, ms) => sum + ms, 0) <= 100);
  waits.length = 0;
  assert.throws(
    () =>
      outwaiting(patience, () => {
        throw errno("ENOENT");
      }),
    { code: "ENOENT" },
  );
  assert.deepEqual(waits, []);
});
