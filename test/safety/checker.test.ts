import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sha256, spell } from "./checker/reading.ts";
import { lookAtRepository } from "./checker/repository.ts";
import { lookAt } from "./checker.ts";
import { copyHome, prepareStage, type Stage } from "./support/scenes.ts";

/** The independent checker goes red for each thing that it is there to see. */
let stage: Stage & Disposable;
let folder: string;
let count = 0;

before(async () => {
  stage = await prepareStage();
  folder = mkdtempSync(join(tmpdir(), "enginery-checker-"));
});
after(() => {
  stage[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Breaking = readonly [what: string, told: RegExp, act: (at: (path: string) => string) => void];

const generationOf = (at: (path: string) => string) =>
  JSON.parse(readFileSync(at("generations/00000002.json"), "utf8"));
const writeGeneration = (at: (path: string) => string, { checksum, ...rest }: Record<string, unknown>) =>
  writeFileSync(at("generations/00000002.json"), spell({ ...rest, checksum: sha256(spell(rest)) }));
const oneOf = (folder: string) => join(folder, readdirSync(folder).sort().at(-1) ?? "");
const hostsOf = (at: (path: string) => string) => join(oneOf(at("index")), "toy@hosts");
const rewrite = (path: string, edit: (text: string) => string) => {
  const text = edit(readFileSync(path, "utf8"));
  chmodSync(path, 0o644);
  writeFileSync(path, text);
};

const READABLE: readonly Breaking[] = [
  [
    "a generation cut short",
    /^generations\/00000002\.json cannot be read/,
    (at) => rewrite(at("generations/00000002.json"), (text) => text.slice(0, 99)),
  ],
  [
    "a generation empty",
    /^generations\/00000002\.json cannot be read/,
    (at) => writeFileSync(at("generations/00000002.json"), ""),
  ],
  [
    "a generation edited",
    /has a checksum that is not its own/,
    (at) => rewrite(at("generations/00000002.json"), (text) => text.replace("upgrade", "install")),
  ],
  [
    "a generation of another number",
    /says another number/,
    (at) => cpSync(at("generations/00000002.json"), at("generations/00000003.json")),
  ],
  [
    "its manifest gone",
    /^manifests\/.* is not whole, and generation 2/,
    (at) => rmSync(at(`manifests/${generationOf(at).manifest.sha256}.json`)),
  ],
  [
    "its manifest changed",
    /^manifests\/.* is not whole/,
    (at) => rewrite(at(`manifests/${generationOf(at).manifest.sha256}.json`), (text) => `${text} `),
  ],
  ["its trust set gone", /^trust\/00000002 is missing/, (at) => rmSync(at("trust/00000002"), { recursive: true })],
  [
    "its trust set torn",
    /^trust\/00000002\/snapshot\.json is not what timestamp\.json names/,
    (at) => writeFileSync(at("trust/00000002/snapshot.json"), "{}"),
  ],
  [
    "another set's targets",
    /does not sign the manifest|is not what snapshot\.json names/,
    (at) => cpSync(at("trust/00000001/targets.json"), at("trust/00000002/targets.json")),
  ],
  [
    "a set of another manifest",
    /does not sign the manifest of the newest/,
    (at) => writeGeneration(at, { ...generationOf(at), trustSet: 1 }),
  ],
  ["VERSION gone", /there is no VERSION/, (at) => rmSync(at("VERSION"))],
  ["VERSION of leases outside, and no LEASES", /LEASES names no folder/, (at) => writeFileSync(at("VERSION"), "2\n")],
  ["VERSION of another layout", /no layout that is known/, (at) => writeFileSync(at("VERSION"), "3\n")],
  [
    "no generation, and launchers",
    /^bin holds something before the first generation/,
    (at) => readdirSync(at("generations")).forEach((name) => void rmSync(at(`generations/${name}`))),
  ],
];

const WHOLE: readonly Breaking[] = [
  [
    "an installation gone",
    /^engines\/toy\/3\.0\.0 is missing, and generation 2/,
    (at) => rmSync(at("engines/toy/3.0.0"), { recursive: true }),
  ],
  [
    "one that only an older generation names",
    /^engines\/toy\/3\.0\.0 is missing, and generation 2/,
    (at) => {
      writeGeneration(at, { ...generationOf(at), installations: generationOf(at).installations.slice(0, 1) });
      rmSync(at("engines/toy/3.0.0"), { recursive: true });
      cpSync(join(stage.homes.second, "generations/00000002.json"), at("generations/00000002.json"));
    },
  ],
  ["a seal gone", /^engines\/toy\/2\.0\.0 has no seal/, (at) => rmSync(at("engines/toy/2.0.0/SEAL.json"))],
  [
    "a seal of another release",
    /has the seal of another release/,
    (at) => cpSync(at("engines/toy/1.0.0/SEAL.json"), at("engines/toy/2.0.0/SEAL.json")),
  ],
  [
    "a bit flipped",
    /^engines\/toy\/2\.0\.0\/share\/notes\.txt has another hash/,
    (at) => {
      rewrite(at("engines/toy/2.0.0/share/notes.txt"), (text) => text.replace("t", "u"));
      chmodSync(at("engines/toy/2.0.0/share/notes.txt"), 0o444);
    },
  ],
  [
    "a file cut short",
    /notes\.txt has another size/,
    (at) => rewrite(at("engines/toy/2.0.0/share/notes.txt"), () => ""),
  ],
  [
    "a file gone",
    /^engines\/toy\/2\.0\.0\/lib\/toyrt\.so is missing/,
    (at) => rmSync(at("engines/toy/2.0.0/lib/toyrt.so")),
  ],
  [
    "a file extra",
    /^engines\/toy\/2\.0\.0\/extra is extra/,
    (at) => writeFileSync(at("engines/toy/2.0.0/extra"), "", { mode: 0o444 }),
  ],
  [
    "a mode",
    /^engines\/toy\/2\.0\.0\/bin\/toy has mode 755/,
    (at) => chmodSync(at("engines/toy/2.0.0/bin/toy"), 0o755),
  ],
  [
    "a folder's mode",
    /^engines\/toy\/2\.0\.0\/bin has mode 777/,
    (at) => chmodSync(at("engines/toy/2.0.0/bin"), 0o777),
  ],
  [
    "a link in an installation",
    /lib\/toyrt\.so is neither file nor folder/,
    (at) => {
      rmSync(at("engines/toy/2.0.0/lib/toyrt.so"));
      symlinkSync("../share/notes.txt", at("engines/toy/2.0.0/lib/toyrt.so"));
    },
  ],
  [
    "an installation that nothing names, half there",
    /^engines\/toy\/9\.0\.0 has no seal/,
    (at) => mkdirSync(at("engines/toy/9.0.0")),
  ],
  [
    "a tree's list gone",
    /^trees\/.* is not whole, and engines\/toy\/2\.0\.0/,
    (at) => rmSync(at(`trees/${JSON.parse(readFileSync(at("engines/toy/2.0.0/SEAL.json"), "utf8")).tree}.json`)),
  ],
];

const ROOTED: readonly Breaking[] = [
  [
    "a pinned release gone",
    /^engines\/rig\/1\.0\.0 is gone, and pin vat-1 keeps it/,
    (at) => forget(at, "rig", "1.0.0"),
  ],
  [
    "the release in effect gone",
    /^engines\/toy\/2\.0\.0 is gone, and deployment 100 keeps it/,
    (at) => forget(at, "toy", "2.0.0"),
  ],
  [
    "the pending release gone",
    /^engines\/toy\/3\.0\.0 is gone, and deployment 200 keeps it/,
    (at) => forget(at, "toy", "3.0.0"),
  ],
  [
    "a pinned release with other bytes",
    /^engines\/rig\/1\.0\.0 is gone, and pin vat-1/,
    (at) => {
      rmSync(at("engines/rig/1.0.0"), { recursive: true });
      cpSync(at("engines/rig/2.0.0"), at("engines/rig/1.0.0"), { recursive: true });
    },
  ],
];

const VISIBLE: readonly Breaking[] = [
  ["a temporary name", /^pins\/tmp-1 is no name of the layout/, (at) => writeFileSync(at("pins/tmp-1"), "")],
  ["a name at the top", /^tmp-1 is no name of the layout/, (at) => writeFileSync(at("tmp-1"), "")],
  ["a stage in engines/", /^engines\/toy\/toy@1 is no name/, (at) => mkdirSync(at("engines/toy/toy@1"))],
  ["a record's mode", /^config\.json is 666/, (at) => chmodSync(at("config.json"), 0o666)],
  ["a folder's mode", /^generations has mode 700/, (at) => chmodSync(at("generations"), 0o700)],
  [
    "a link in the way of a record",
    /^clock\/observed\.json is link/,
    (at) => {
      renameSync(at("clock/observed.json"), at("cache/observed"));
      symlinkSync("../cache/observed", at("clock/observed.json"));
    },
  ],
  [
    "a pin cut short",
    /^pins\/.* cannot be read/,
    (at) => rewrite(oneOf(oneOf(at("pins"))), (text) => text.slice(0, 20)),
  ],
  [
    "a pin under another's name",
    /has the name of another pin/,
    (at) => rewrite(oneOf(oneOf(at("pins"))), (text) => text.replace("vat-1", "vat-2")),
  ],
  [
    "the epoch cut short",
    /^clock\/observed\.json cannot be read/,
    (at) => rewrite(at("clock/observed.json"), () => "{"),
  ],
  ["config.json empty", /^config\.json cannot be read/, (at) => writeFileSync(at("config.json"), "")],
  [
    "a ledger line in the middle",
    /^ledger\.jsonl has a line that is no JSON/,
    (at) => rewrite(at("ledger.jsonl"), (text) => `{"at"\n${text}`),
  ],
  [
    "a ledger line changed",
    /^ledger\.jsonl has line 2, which does not follow/,
    (at) => rewrite(at("ledger.jsonl"), (text) => text.replace('"verb":"install"', '"verb":"upgrade"')),
  ],
  [
    "a ledger line gone",
    /^ledger\.jsonl has line 2, which does not follow/,
    (at) => rewrite(at("ledger.jsonl"), (text) => text.split("\n").toSpliced(1, 1).join("\n")),
  ],
  [
    "a ledger line put in without a chain",
    /^ledger\.jsonl has line 2 without a chain/,
    (at) => rewrite(at("ledger.jsonl"), (text) => text.replace("\n", '\n{"at":"2027-01-01T00:00:00Z"}\n')),
  ],
  [
    "the ledger's end cut off",
    /^generations\/00000002\.json remembers another ledger/,
    (at) => rewrite(at("ledger.jsonl"), (text) => `${text.split("\n")[0]}\n`),
  ],
  ["the index gone", /^index\/00000002\.[0-9a-f]+ is missing/, (at) => rmSync(oneOf(at("index")), { recursive: true })],
  ["the index without an engine", /^index\/.*\/toy is missing/, (at) => rmSync(join(oneOf(at("index")), "toy"))],
  [
    "the index cut short",
    /^index\/.*\/toy is cut short/,
    (at) => rewrite(join(oneOf(at("index")), "toy"), (text) => text.slice(0, -3)),
  ],
  [
    "the index without a line",
    /\/toy has \d+ lines, and says \d+/,
    (at) => rewrite(join(oneOf(at("index")), "toy"), (text) => text.replace(/^200 3\.0\.0 1 \w+ toy .*\n/m, "")),
  ],
  [
    "the index without a deployment",
    /leaves out the deployment 0 1\.0\.0/,
    (at) => rewrite(join(oneOf(at("index")), "toy"), (text) => text.replace(/^0 1\.0\.0 .*\n/gm, "")),
  ],
  [
    "the index behind",
    /is wrong on whether 3\.0\.0 is installed/,
    (at) =>
      rewrite(join(oneOf(at("index")), "toy"), (text) => text.replace(/^200 3\.0\.0 1 .*\n/gm, "200 3.0.0 0 - - -\n")),
  ],
  [
    "the index with another tree",
    /has another tree for 1\.0\.0/,
    (at) =>
      rewrite(join(oneOf(at("index")), "toy"), (text) => text.replace(/^(0 1\.0\.0 1 )\w+/gm, `$1${"0".repeat(64)}`)),
  ],
  ["the hosts' index gone", /^index\/.*\/toy@hosts is missing/, (at) => rmSync(hostsOf(at))],
  [
    "the hosts' index of another generation",
    /\/toy@hosts begins with another line/,
    (at) => rewrite(hostsOf(at), (text) => text.replace("00000002", "00000001")),
  ],
  ["the hosts' index cut short", /\/toy@hosts is cut short/, (at) => rewrite(hostsOf(at), (text) => text.slice(0, -3))],
  [
    "the hosts' index without a line",
    /\/toy@hosts has not the lines that it says/,
    (at) => rewrite(hostsOf(at), (text) => text.replace(/\n[^\n]*\n$/, "\n")),
  ],
  [
    "the hosts' index without a deployment",
    /\/toy@hosts misses a deployment: 0 1\.0\.0 \w{64}/,
    (at) => rewrite(hostsOf(at), (text) => text.replace(/^0 1\.0\.0 /m, "0 3.0.0 ")),
  ],
  [
    "the hosts' index behind",
    /\/toy@hosts has a wrong deployment: 200 3\.0\.0 -/,
    (at) => rewrite(hostsOf(at), (text) => text.replace(/^200 3\.0\.0 \w+$/m, "200 3.0.0 -")),
  ],
  [
    "the hosts' index with a library to execute",
    /\/toy@hosts has a wrong entry point: .* executable toyrt /,
    (at) => rewrite(hostsOf(at), (text) => text.replace(/ library toyrt /, " executable toyrt ")),
  ],
  ["a launcher cut short", /^bin\/toy is not whole/, (at) => rewrite(at("bin/toy"), (text) => text.slice(0, -20))],
  [
    "a launcher of another home",
    /^bin\/toy is of the home \/elsewhere/,
    (at) => rewrite(at("bin/toy"), (text) => text.replace(/^enginery_home=.*$/m, "enginery_home='/elsewhere'")),
  ],
  [
    "a launcher of nothing",
    /^bin\/toy starts gone, of which nothing is installed/,
    (at) => rewrite(at("bin/toy"), (text) => text.replace("enginery_engine='toy'", "enginery_engine='gone'")),
  ],
  [
    "a link to nothing",
    /^lib\/libtoyrt\.so\.9\.0 leads to/,
    (at) => symlinkSync("../engines/toy/9.0.0/lib/toyrt.so", at("lib/libtoyrt.so.9.0")),
  ],
  ["a link out", /leads out of engines/, (at) => symlinkSync("/etc/passwd", at("lib/libx.so.1.0"))],
];

/** As an upgrade or a prune could leave it that lets go of a release which something keeps. */
function forget(at: (path: string) => string, engine: string, version: string): void {
  const generation = generationOf(at);
  const installations = generation.installations.filter(
    (one: { engine: string; version: string }) => one.engine !== engine || one.version !== version,
  );
  rmSync(at("generations/00000001.json"));
  writeGeneration(at, { ...generation, installations });
  rmSync(at(`engines/${engine}/${version}`), { recursive: true });
}

test("sound homes are sound", () => {
  for (const home of [stage.homes.first, stage.homes.behind, stage.homes.second])
    assert.deepEqual(lookAt(home).problems, []);
  assert.deepEqual(lookAt(join(folder, "nowhere")).problems, []);
  const kept = lookAt(stage.homes.second).rooted.map(({ engine, version, by }) => `${engine}@${version} ${by}`);
  assert.deepEqual(kept, [
    "rig@1.0.0 pin vat-1",
    "rig@2.0.0 deployment 50",
    "toy@2.0.0 deployment 100",
    "toy@3.0.0 deployment 200",
  ]);
});

for (const [invariant, breakings] of Object.entries({ READABLE, WHOLE, ROOTED, VISIBLE })) {
  for (const [what, told, act] of breakings) {
    test(`${invariant.toLowerCase()}: ${what}`, () => {
      const home = join(folder, `home-${++count}`);
      copyHome(stage.homes.second, home);
      const { rooted, problems } = lookAt(home);
      assert.deepEqual(problems, []);
      act((path) => join(home, path));
      const found = lookAt(home, rooted).problems;
      assert.ok(
        found.some((problem) => told.test(problem)),
        `told: ${found.join("; ")}`,
      );
    });
  }
}

test("visible: a home half made, without CREATING", () => {
  const home = join(folder, "half");
  mkdirSync(join(home, "staging"), { recursive: true });
  assert.match(lookAt(home).problems.join(), /VERSION is missing, and nothing says CREATING/);
});

test("a living lease keeps its installation", () => {
  const home = join(folder, "leased");
  copyHome(stage.homes.second, home);
  const started = readFileSync(`/proc/${process.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
  const lease = { format: 1, id: "1", engine: "toy", version: "1.0.0", pid: process.pid, started };
  writeFileSync(join(home, "leases", "toy@1.0.0.1.json"), JSON.stringify(lease), { mode: 0o644 });
  const { rooted } = lookAt(home);
  forget((path) => join(home, path), "toy", "1.0.0");
  assert.match(lookAt(home, rooted).problems.join(), /engines\/toy\/1\.0\.0 is gone, and lease/);
});

const PUBLISHED: readonly Breaking[] = [
  [
    "the timestamp cut short",
    /timestamp\.json cannot be read/,
    (at) => rewrite(at("metadata/timestamp.json"), (text) => text.slice(0, 50)),
  ],
  [
    "the snapshot another one",
    /2\.snapshot\.json is not what is signed/,
    (at) => cpSync(at("metadata/1.snapshot.json"), at("metadata/2.snapshot.json")),
  ],
  ["the targets gone", /2\.targets\.json is not what is signed/, (at) => rmSync(at("metadata/2.targets.json"))],
  [
    "a root left out",
    /misses a version of the root/,
    (at) => linkSync(at("metadata/1.root.json"), at("metadata/3.root.json")),
  ],
  ["a name that nobody asks for", /is no name of a role/, (at) => writeFileSync(at("metadata/tmp-1"), "{}")],
  [
    "the manifest gone",
    /^targets\/channels\/.* is not what is signed/,
    (at) => readdirSync(at("targets/channels")).forEach((name) => void rmSync(at(`targets/channels/${name}`))),
  ],
  [
    "the manifest's other name gone",
    /^manifests\/.* is not what is signed/,
    (at) => readdirSync(at("manifests")).forEach((name) => void rmSync(at(`manifests/${name}`))),
  ],
  ["an archive gone", /^archives\/.* is not what is signed/, (at) => rmSync(oneOf(at("archives")))],
  ["a tree changed", /^trees\/.* is not what is signed/, (at) => writeFileSync(oneOf(at("trees")), "")],
  ["pieces changed", /^pieces\/.* is not what is signed/, (at) => writeFileSync(oneOf(at("pieces")), "")],
];

for (const [what, told, act] of PUBLISHED) {
  test(`repository: ${what}`, () => {
    const repository = join(folder, `repository-${++count}`);
    cpSync(stage.repositories.second, repository, { recursive: true });
    assert.deepEqual(lookAtRepository(repository), { problems: [], serials: { toys: 2 } });
    act((path) => join(repository, path));
    const found = lookAtRepository(repository).problems;
    assert.ok(
      found.some((problem) => told.test(problem)),
      `told: ${found.join("; ")}`,
    );
  });
}

test("the checker shares nothing with what it checks", () => {
  const own = import.meta.dirname;
  const files = ["checker.ts", ...readdirSync(join(own, "checker")).map((name) => join("checker", name))];
  for (const file of files) {
    const from = [...readFileSync(join(own, file), "utf8").matchAll(/from "([^"]+)"/g)].map(
      ([, module]) => module ?? "",
    );
    const foreign = from.filter(
      (module) => !module.startsWith("node:") && !/^\.\/(checker\/)?[a-z]+\.ts$/.test(module),
    );
    assert.deepEqual(foreign, [], file);
  }
});
