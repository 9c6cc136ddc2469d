import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { openOutput } from "../../src/store/output-file.ts";
import { openOutputFolder } from "../../src/store/output-folder.ts";
import { refuseWithinHome } from "../../src/store/within-home.ts";
import { makeTestWorld } from "../support/test-world.ts";

const world = makeTestWorld();
const { folder } = world;
const home = join(folder, "home");
const own = nodeFileSystem();
const refuses = (path: string, fileSystem: FileSystem = own, of: string | undefined = undefined) =>
  assert.throws(() => refuseWithinHome(fileSystem, path, of), { code: "refused" }, path);

before(() => {
  for (const name of ["generations", "bin", "engines/toy"]) mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, "VERSION"), "1\n");
  mkdirSync(join(folder, "served"));
});
after(() => world[Symbol.dispose]());

test("a file within a home is refused by its plain path, and one beside it is not", () => {
  refuses(join(home, "host"));
  refuses(join(home, "engines", "toy", "host"));
  refuses(join(home, "not", "there", "yet"));
  refuseWithinHome(own, join(folder, "served", "host"), home);
  refuseWithinHome(own, join(folder, "home-too"), home);
  refuseWithinHome(own, join(folder, "not", "there", "yet"), home);
});

test("a link that leads into a home is refused everywhere: a folder above, the file itself, a folder that is to be made", () => {
  symlinkSync(join(home, "bin"), join(folder, "link"));
  symlinkSync(join(home, "VERSION"), join(folder, "innocent"));
  refuses(join(folder, "link", "host"));
  refuses(join(folder, "link", "not", "yet", "host"));
  refuses(join(folder, "innocent"));
  const refused = { code: "refused" };
  assert.throws(() => openOutput(own, join(folder, "link", "host"), 0o644, () => "1"), refused);
  assert.throws(() => openOutputFolder(own, join(folder, "link"), () => "1"), refused);
  assert.throws(() => openOutputFolder(own, join(folder, "link", "new"), () => "1"), refused);
  symlinkSync("served", join(folder, "elsewhere"));
  refuseWithinHome(own, join(folder, "elsewhere", "host"), home);
  symlinkSync("loop", join(folder, "loop"));
  refuseWithinHome(own, join(folder, "loop"), home);
});

test("a relative path is judged by where it leads", () => {
  refuses(resolve(relative(process.cwd(), join(folder, "served", "..", "home", "host"))));
  refuses(`${folder}/served/../home/./bin/host`);
});

test("a folder of the home that is mounted at a second place is the home", () => {
  const mounted: FileSystem = {
    ...own,
    status: (path) => own.status(path === join(folder, "served") ? join(home, "engines") : path),
  };
  refuses(join(folder, "served", "host"), mounted, home);
  refuseWithinHome(mounted, join(folder, "host"), home);
});
