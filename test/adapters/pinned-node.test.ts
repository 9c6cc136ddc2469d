import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { create } from "tar";
import { pinnedNode } from "../../scripts/sea/nodes.ts";

const work = mkdtempSync(join(tmpdir(), "enginery-pinned-"));
after(() => rmSync(work, { recursive: true, force: true }));

test("a single file is made of what the pinned hash was found right of, whatever else lies in the cache", async () => {
  const folder = join(work, "node-toy-1.0.0");
  const archive = join(folder, "node-toy-1.0.0.tgz");
  mkdirSync(join(folder, "package", "bin"), { recursive: true });
  writeFileSync(join(folder, "package", "bin", "node"), "a node");
  writeFileSync(join(folder, "package", "LICENSE"), "take it");
  writeFileSync(join(folder, "package", "README"), "not this");
  create({ gzip: true, sync: true, file: archive, cwd: folder }, ["package"]);
  rmSync(join(folder, "package"), { recursive: true });
  const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  const nodes = { toy: { name: "node-toy", version: "1.0.0", integrity, program: "bin/node" } };
  const taken = async () => (await pinnedNode("toy", work, nodes)).bytes.toString();

  assert.equal(await taken(), "a node");
  assert.equal((await pinnedNode("toy", work, nodes)).licence?.toString(), "take it");
  const others = readdirSync(folder, { withFileTypes: true }).filter(
    (one) => one.isFile() && !one.name.endsWith(".tgz"),
  );
  for (const { name } of others) writeFileSync(join(folder, name), "another");
  assert.equal(await taken(), "a node");
  appendFileSync(archive, "#");
  await assert.rejects(taken(), /is pinned/);
  assert.equal(existsSync(archive), false, "the next time it is fetched anew");
  await assert.rejects(pinnedNode("other", work, nodes), /No single file is made for other: toy\./);
});
