import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newKeys, TufSimulator } from "../support/tuf-simulator.ts";
import { type Delegation, delegate, Scene } from "./support/scene.ts";

function repositoryWith(...delegations: Delegation[]): TufSimulator {
  const simulator = new TufSimulator();
  delegate(simulator, delegations);
  return simulator;
}

test("a file that a delegated role signed is downloaded, whole and under its name", async () => {
  using scene = Scene.begun(
    repositoryWith({ name: "A", keys: newKeys(1), files: { "a/b.txt": "hello" }, paths: ["a/*"] }),
  );
  await scene.download("a/b.txt");
  assert.equal(readFileSync(join(scene.downloads, "a%2Fb.txt"), "utf8"), "hello");
  assert.equal(Object.keys(scene.versions()).length, 5);
});

test("names of roles that would write elsewhere, or over another file, do not", async () => {
  const names = ["../escaped", "Root", "1.root", "timestamp.json", "?", "#", "x".repeat(250)];
  const simulator = repositoryWith(...names.map((name) => ({ name, keys: newKeys(1) })));
  using scene = Scene.begun(simulator);
  await scene.refuses(scene.download("nothing"), "missing", /Nobody who is trusted signed/);
  assert.deepEqual(readdirSync(scene.folder).sort(), ["given-root.json", "metadata"]);
  assert.equal(Object.keys(scene.versions()).length, 4 + names.length);
  assert.equal(scene.versions()["root.json"], 1);
  for (const name of names) assert.ok(simulator.requests.includes(`metadata/1.${encodeURIComponent(name)}.json`), name);
  // what was kept is read again, and serves the next client
  simulator.requests.length = 0;
  await scene.refuses(scene.download("nothing"), "missing", /Nobody/);
  assert.deepEqual(simulator.requests, ["metadata/2.root.json", "metadata/timestamp.json"]);
});

for (const name of ["timestamp", "snapshot", "7", "constructor", "__proto__", "toString", "", "y".repeat(300)]) {
  test(`a role may not be called ${JSON.stringify(name.slice(0, 20))}`, async () => {
    using scene = Scene.begun(repositoryWith({ name, keys: newKeys(1) }));
    await scene.refuses(scene.refresh(), "trust-format", /name must be|__proto__/);
  });
}

test("a number as a role's name could be asked before one that is named first: it is refused", async () => {
  const one = { name: "first", keys: newKeys(1), files: { file: "honest" } };
  const other = { name: "1", keys: newKeys(1), files: { file: "evil" } };
  using scene = Scene.begun(repositoryWith(one, other));
  await scene.refuses(scene.download("file"), "trust-format", /a name that is no number/);
  assert.equal(existsSync(scene.downloads), false);
});

test("the role that is named first is believed", async () => {
  const one = { name: "first", keys: newKeys(1), files: { file: "honest" } };
  const other = { name: "second", keys: newKeys(1), files: { file: "evil" } };
  using scene = Scene.begun(repositoryWith(one, other));
  await scene.download("file");
  assert.equal(readFileSync(join(scene.downloads, "file"), "utf8"), "honest");
});

for (const paths of [["{a,b}"], ["!a"], ["+(a)"], ["[a-z]"], ["a\\*"], [""]]) {
  test(`patterns that TUF does not know are refused: ${JSON.stringify(paths)}`, async () => {
    using scene = Scene.begun(repositoryWith({ name: "A", keys: newKeys(1), paths, files: { a: "x" } }));
    await scene.refuses(scene.download("a"), "trust-format", /plain patterns/);
  });
}

test("a pattern does not reach below its folder", async () => {
  const paths = ["a/*", "b/**"];
  const files = { "a/b/c": "x", "b/c/d": "x" };
  using scene = Scene.begun(repositoryWith({ name: "A", keys: newKeys(1), paths, files }));
  await scene.refuses(scene.download("a/b/c"), "missing", /Nobody/);
  await scene.refuses(scene.download("b/c/d"), "missing", /Nobody/);
});

const BROKEN: readonly [string, Partial<Delegation>, RegExp][] = [
  ["no paths", { edit: (entry) => delete entry["paths"] }, /of paths or of path_hash_prefixes/],
  ["both kinds of paths", { edit: (entry) => Object.assign(entry, { path_hash_prefixes: ["a"] }) }, /of paths or/],
  ["threshold 0", { edit: (entry) => Object.assign(entry, { threshold: 0 }) }, /whole number from 1/],
  ["terminating as text", { edit: (entry) => Object.assign(entry, { terminating: "false" }) }, /true or false/],
  ["an unknown keyid", { edit: (entry) => entry["keyids"].push("0".repeat(64)) }, /ids of known keys/],
];
for (const [what, broken, message] of BROKEN) {
  test(`a delegation with ${what} is refused`, async () => {
    using scene = Scene.begun(repositoryWith({ name: "A", keys: newKeys(1), ...broken }));
    await scene.refuses(scene.refresh(), "trust-format", message);
  });
}

const BROKEN_ROLES: readonly [string, Delegation["editSigned"], RegExp][] = [
  [
    "hashes: {}",
    ({ targets }: Record<string, Record<string, object>>) => Object.assign(targets?.["file"] ?? {}, { hashes: {} }),
    /hashes\.sha256/,
  ],
  [
    "a length as text",
    ({ targets }: Record<string, Record<string, object>>) => Object.assign(targets?.["file"] ?? {}, { length: "5" }),
    /\.length must be/,
  ],
  ["another type", (signed) => Object.assign(signed, { _type: "snapshot" }), /_type/],
];
for (const [what, editSigned, message] of BROKEN_ROLES) {
  test(`a delegated role that signs ${what} is refused, and not kept`, async () => {
    const delegation = { name: "A", keys: newKeys(1), files: { file: "hello" }, ...(editSigned && { editSigned }) };
    using scene = Scene.begun(repositoryWith(delegation));
    await scene.refuses(scene.download("file"), "trust-format", message);
    assert.equal(Object.keys(scene.versions()).length, 4);
    assert.equal(existsSync(scene.downloads), false);
  });
}

test("what objects inherit is no file that somebody signed", async () => {
  using scene = Scene.begun(new TufSimulator());
  for (const name of ["constructor", "toString", "__proto__"])
    await scene.refuses(scene.download(name), "missing", /Nobody/);
});

test("a file that is there whole is not fetched again; one that was changed is", async () => {
  const simulator = repositoryWith({ name: "A", keys: newKeys(1), files: { file: "hello" } });
  using scene = Scene.begun(simulator);
  const asked = () => simulator.requests.filter((path) => path.startsWith("targets/")).length;
  await scene.download("file", "file");
  assert.equal(asked(), 1);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(join(scene.downloads, "file"), "hellO");
  await scene.download("file");
  assert.equal(asked(), 2);
  assert.equal(readFileSync(join(scene.downloads, "file"), "utf8"), "hello");
});
