import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { jsonOf, told } from "../engines/support/command.ts";
import { contentOf } from "../engines/support/folders.ts";
import { Publisher } from "../engines/support/publisher.ts";
import { build } from "../single-file/support.ts";
import { type Asking, asking } from "./support/asking.ts";
import { folderIn, start } from "./support/place.ts";
import type { OpenPlace, PlaceOptions } from "./support/places.ts";
import { signWindowsProgram, whyUnsigned } from "./support/signing.ts";
import { publishWasmtime, wizerOf } from "./support/wizer.ts";

interface Installed {
  readonly changed: boolean;
  readonly installed: readonly { readonly version: string; readonly platform: string }[];
  readonly failed: readonly { readonly version: string; readonly code: string }[];
}

interface Failed {
  readonly error: { readonly code: string };
}

/** The single file itself on one platform, with two Wasmtimes in it and no network at all. The cases follow each other. */
export function singleFile(platform: string, open: (options: PlaceOptions) => Promise<OpenPlace>): void {
  const isWindows = platform.startsWith("win32-");
  let place: OpenPlace;
  let folder: string;
  let home: string;
  let program: string;
  let single: Asking;
  const running = (file: string) => place.program(place.inside(file));
  const version = async (epoch: number, by = single) =>
    (await by.sure(["exec", "wasmtime", "--epoch", `${epoch}`, "--", "--version"])).stdout.trim();
  /** An install by a file whose end is not as it was made: nothing of what it carries is looked at. */
  const requireRefused = async () => {
    const elsewhere = join(folder, "refused");
    const ran = await single.ask(["install", "--json"], elsewhere);
    assert.deepEqual([ran.status, jsonOf<Failed>(ran).error.code], [5, "document-invalid"], told(ran));
    assert.match(ran.stderr + ran.stdout, /cut off or damaged/);
    assert.equal(existsSync(elsewhere), false);
  };

  before(async () => {
    place = await open({ offline: true });
    folder = folderIn(place, "single");
    home = join(folder, "home");
    program = join(folder, isWindows ? "enginery-installer.exe" : "enginery-installer");
    const publisher = new Publisher(folder, "net");
    await publisher.init();
    await publishWasmtime({ publisher, platform, folder }, "9.0.1", 0);
    await publishWasmtime({ publisher, platform, folder }, "23.0.2", 100);
    await publisher.sign();
    const carried = ["--embed", "wasmtime@9.0.1", "--embed", "wasmtime@23.0.2"];
    build(program, "--platform", platform, "--channel", publisher.repository, ...carried);
    single = asking(place, running(program), home);
  });
  after(() => place?.[Symbol.dispose]());

  it(`${platform}: the single file starts where there is no network, and obeys no NODE_OPTIONS`, async () => {
    const routes = await start(place, ["cat", "/proc/net/route"]).done;
    assert.deepEqual(routes.stdout.split("\n").slice(1).filter(Boolean), [], told(routes));
    const ran = await start(place, [...running(program), "--version"], { NODE_OPTIONS: "--no-such-flag" }).done;
    assert.match(ran.stdout, /^enginery \d+\.\d+\.\d+\r?\n$/, told(ran));
  });

  it(`${platform}: the single file's install without a word lays out what it carries, and each epoch runs on its own`, async () => {
    const { installed } = await single.answer<Installed>(["install"]);
    assert.deepEqual(installed.map((each) => [each.version, each.platform]).sort(), [
      ["23.0.2", platform],
      ["9.0.1", platform],
    ]);
    assert.deepEqual([await version(50), await version(150)], ["wizer 3.0.1", "wizer 7.0.5"]);
    const { path } = await single.answer<{ path: string }>(["which", "wasmtime", "--epoch", "150"]);
    assert.equal(
      path.replaceAll("\\", "/"),
      place.inside(join(home, "engines", "wasmtime", "23.0.2", wizerOf(platform))).replaceAll("\\", "/"),
    );
  });

  it(`${platform}: a launcher hands over to the single file`, async () => {
    const launcher = place.inside(join(home, "bin", isWindows ? "wasmtime.cmd" : "wasmtime"));
    // a tenant is nothing that a shell answers for
    const env = { ENGINERY_TENANT: "vat-1", ENGINERY_EPOCH: "50" };
    const ran = await start(place, [...place.program(launcher), "--version"], env).done;
    assert.match(ran.stdout, /^wizer 3\.0\.1/, told(ran));
  });

  it(`${platform}: a second install by the single file changes nothing`, async () => {
    const was = contentOf(home);
    assert.equal((await single.answer<Installed>(["install"])).changed, false);
    assert.deepEqual(contentOf(home), was);
  });

  it(`${platform}: the single file finds damage, and mends it with what it carries`, async () => {
    const file = join(home, "engines", "wasmtime", "23.0.2", wizerOf(platform));
    chmodSync(file, 0o755);
    appendFileSync(file, "x");
    chmodSync(file, 0o555);
    assert.match((await single.sure(["verify", "--repair"])).stdout, /^Repaired +wasmtime 23\.0\.2 /);
    assert.equal(await version(150), "wizer 7.0.5");
  });

  it(`${platform}: of a single file with one byte flipped in an archive that release is not installed`, async () => {
    const elsewhere = join(folder, "flipped");
    await flipped(program, statSync(program).size - 200_000, async () => {
      const ran = await single.ask(["install", "--json"], elsewhere);
      const { installed, failed } = jsonOf<Installed>(ran);
      assert.deepEqual(
        [ran.status, installed.length, failed.map(({ code }) => code)],
        [5, 1, ["hash-mismatch"]],
        told(ran),
      );
      assert.deepEqual(
        failed.map(({ version }) => existsSync(join(elsewhere, "engines", "wasmtime", version))),
        [false],
      );
    });
  });

  it(`${platform}: a single file that is damaged in its table, or cut off, says so`, async () => {
    const { size } = statSync(program);
    await flipped(program, size - 100, requireRefused);
    await cutTo(program, size - 5_000_000, requireRefused);
  });

  const signing = { skip: isWindows ? whyUnsigned() : false };
  if (isWindows)
    it(`${platform}: a signed single file finds what it carries, and that is signed too`, signing, async () => {
      const signed = join(folder, "signed.exe");
      const check = signWindowsProgram(program, signed, folder);
      assert.equal(check(), true, "the signature holds");
      const other = join(folder, "signed-home");
      const by = asking(place, running(signed), other);
      assert.equal((await by.answer<Installed>(["install"])).installed.length, 2);
      assert.equal(await version(150, by), "wizer 7.0.5");
      await flipped(signed, statSync(program).size - 200_000, async () => assert.equal(check(), false));
    });

  it(`${platform}: uninstall --purge by the single file takes the home, and nothing beside it`, async () => {
    await single.sure(["uninstall", "--purge", "--yes"]);
    assert.deepEqual([existsSync(home), existsSync(program)], [false, true]);
  });
}

/** Runs `act` while one byte of `file` is another. */
async function flipped(file: string, at: number, act: () => Promise<unknown>): Promise<void> {
  const flip = () => {
    const descriptor = openSync(file, "r+");
    const byte = Buffer.alloc(1);
    readSync(descriptor, byte, 0, 1, at);
    byte.writeUInt8(byte.readUInt8(0) ^ 1);
    writeSync(descriptor, byte, 0, 1, at);
    closeSync(descriptor);
  };
  flip();
  await act().finally(flip);
}

/** Runs `act` while `file` ends at `size`. */
async function cutTo(file: string, size: number, act: () => Promise<unknown>): Promise<void> {
  const descriptor = openSync(file, "r");
  const rest = Buffer.alloc(statSync(file).size - size);
  readSync(descriptor, rest, 0, rest.length, size);
  closeSync(descriptor);
  truncateSync(file, size);
  await act().finally(() => appendFileSync(file, rest));
}
