import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { nodeHost } from "../../src/adapters/node-host.ts";
import type { Home } from "../../src/store/home.ts";
import { tally } from "../safety/support/tally.ts";
import { install, newHome, scratch, statements } from "../store/support/scratch.ts";
import { FACTOR, fuzz } from "./support/fuzzing.ts";

const DASH = ["/bin/dash", "/usr/bin/dash"].find((path) => existsSync(path));
const FILES = { "bin/xsnap": '#!/bin/sh\necho "the engine"\n' };
const ENTRIES = { xsnap: { path: "bin/xsnap", kind: "executable" } } as const;
const EVIL = "#!/bin/sh\n: >pwned\n";

let place: ReturnType<typeof scratch>;
let home: Home;
let index: string;
let sound: string;

before(async () => {
  place = scratch();
  home = newHome(`${place.path}/a home`, { host: nodeHost(`${place.path}/enginery`) });
  await install(home, "xsnap", "1.0.0", FILES);
  const { generation, manifest } = statements("xsnap", [
    { version: "1.0.0", validFrom: 10, files: FILES, entries: ENTRIES },
  ]);
  home.views.writeIndex(generation, manifest);
  home.generations.commit(generation);
  home.views.settle(generation, manifest);
  index = `${home.path}/index/${readdirSync(`${home.path}/index`)[0]}/xsnap`;
  sound = readFileSync(index, "utf8");
  writeFileSync(`${place.path}/enginery`, '#!/bin/sh\necho "handed over"\n', { mode: 0o755 });
  // Whatever a path that climbs may reach, or a name that is looked up.
  mkdirSync(`${place.path}/path`);
  for (const path of [
    `${place.path}/evil`,
    `${home.path}/evil`,
    `${home.path}/engines/evil`,
    `${home.path}/engines/xsnap/evil`,
  ])
    writeFileSync(path, EVIL, { mode: 0o755 });
  for (const name of ["touch", "id", "sh", "cat", "xsnap", "evil"])
    writeFileSync(`${place.path}/path/${name}`, EVIL, { mode: 0o755 });
});
after(() => place[Symbol.dispose]());

/** Only the engine that is named or the hand-over, or an error of the launcher's own. */
function requireTame(text: Uint8Array | string): void {
  writeFileSync(index, text);
  const { stdout, stderr, status, signal } = spawnSync(DASH ?? "", [`${home.path}/bin/xsnap`, "an argument"], {
    cwd: place.path,
    env: { PATH: `${place.path}/path`, ENGINERY_EPOCH: "20" },
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  assert.ok(!existsSync(`${place.path}/pwned`), "something else was run");
  assert.equal(signal, null);
  if (status === 0) assert.match(stdout, /^(the engine|handed over)\n$/);
  else {
    assert.equal(status, 128, stderr);
    assert.match(stderr, /^enginery: error (nothing-in-effect|release-not-installed) /);
  }
}

const NASTY = [
  "$(touch pwned)",
  "`touch pwned`",
  "; touch pwned ;",
  "| touch pwned",
  "&& touch pwned",
  "'; touch pwned; '",
  '"; touch pwned; "',
  "\\\n",
  "\n",
  "\0",
  "\t",
  "-n",
  "--",
  "*",
  "?",
  "~",
  "../../../../evil",
  "../../../evil",
  "../evil",
  "bin/../../evil",
  "/bin/sh",
  "//evil",
  "./evil",
  "1.0.0/../evil",
  "..",
  "$" + "{IFS}touch$IFS" + "pwned",
  "$PATH",
  "%s%n",
  "x".repeat(100_000),
  "é",
  "9".repeat(40),
  "0x10",
  "-1",
];
const nasty = fc.constantFrom(...NASTY);

test("the index that is fuzzed starts the engine", { skip: DASH === undefined && "no dash here" }, () => {
  requireTame(sound);
  assert.match(
    spawnSync(DASH ?? "", [`${home.path}/bin/xsnap`], { env: { ENGINERY_EPOCH: "20" } }).stdout.toString(),
    /the engine/,
  );
});

test("an index with fields of another kind", { skip: DASH === undefined && "no dash here" }, async (context) => {
  const fields = sound.split(/(?<=[ \n])/);
  const change = fc.tuple(fc.nat(fields.length - 1), nasty, fc.constantFrom("put", "before", "after"));
  const property = fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
    const copy = [...fields];
    for (const [at, text, how] of changes) {
      const end = /[ \n]$/.exec(copy[at] ?? "")?.[0] ?? "";
      const old = (copy[at] ?? "").slice(0, -1);
      copy[at] = `${how === "put" ? text : how === "before" ? text + old : old + text}${end}`;
    }
    requireTame(copy.join(""));
  });
  await fuzz(context, 50, property);
});

test("an index with each nasty text in each field", { skip: DASH === undefined && "no dash here" }, (context) => {
  const [head = "", row = ""] = sound.split("\n");
  const fields = row.split(" ");
  // The paths and the version alone where it is to be short.
  const places = FACTOR > 1 ? [...fields.keys()] : [1, fields.length - 1];
  const texts = NASTY.filter((text) => text.length < 1000);
  for (const at of places) for (const text of texts) requireTame(`${head}\n${fields.with(at, text).join(" ")}\n`);
  tally(context, { cases: places.length * texts.length });
});

test("an index that names another engine's file under this engine's name", {
  skip: DASH === undefined && "no dash here",
}, () => {
  mkdirSync(`${home.path}/engines/other/1.0.0`, { recursive: true });
  writeFileSync(`${home.path}/engines/other/1.0.0/evil`, EVIL, { mode: 0o755 });
  const [head = "", row = ""] = sound.split("\n");
  const [from = "", , installed = "", tree = "", name = ""] = row.split(" ");
  // sealed as what the row names: its place alone tells that it is not
  const seal = `${home.path}/engines/xsnap/1.0.0/SEAL.json`;
  for (const folder of ["", "xsnap/", "other/1.0.0/"]) copyFileSync(seal, `${home.path}/engines/${folder}SEAL.json`);
  for (const [version, path] of [
    ["..", "other/1.0.0/evil"],
    [".", "../other/1.0.0/evil"],
    ["1.0.0", "../../other/1.0.0/evil"],
    ["../other", "1.0.0/evil"],
    ["1.0.0/../../other/1.0.0", "evil"],
  ])
    requireTame(`${head}\n${[from, version, installed, tree, name, path].join(" ")}\n`);
});

test("an index of any bytes", { skip: DASH === undefined && "no dash here" }, async (context) => {
  const property = fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, headed) => {
    requireTame(headed ? Buffer.concat([Buffer.from(`${sound.split("\n")[0]}\n`), bytes]) : bytes);
  });
  await fuzz(context, 25, property);
});
