import assert from "node:assert/strict";
import { test } from "node:test";
import { play, requestTo } from "./support/stage.ts";

const REFUSED: readonly (readonly [readonly string[], number, RegExp])[] = [
  [["isntall"], 2, /usage There is no verb isntall\.\nDid you mean install\?/],
  [["repo", "sing"], 2, /There is no verb repo sing\.\nDid you mean repo sign\? See `enginery help repo`/],
  [["help", "isntall"], 2, /There is no verb isntall/],
  [["upgrade", "--agian"], 2, /no flag --agian here\.\nDid you mean --again\?/],
  [["list", "a", "b"], 2, /more words than it takes: a, b\./],
  [["which"], 2, /ENGINE\[@VERSION\] is missing\./],
  [["rollback", "--to"], 2, /--to N needs its value\./],
  [["which", "x", "--epoch", "-1"], 2, /bad-epoch "-1" is not an epoch/],
  [["which", "x", "--epoch=-1"], 2, /bad-epoch/],
  [["which", "x", "--epoch", "1.5"], 2, /bad-epoch "1\.5"/],
  [["which", "x", "--epoch", "9007199254740992"], 2, /bad-epoch/],
  [["observe", "-1"], 2, /bad-epoch/],
  [["observe", "1.5"], 2, /bad-epoch/],
  [["observe", "1e3"], 2, /bad-epoch/],
  [["observe", "5", "--source", "file:/run/height"], 2, /usage Epoch 5 is said, and with --source where to read it/],
  [["observe", "5", "--quorum", "2"], 2, /usage Epoch 5 is said/],
  [["observe", "5", "--timeout", "2"], 2, /usage Epoch 5 is said/],
  [["observe", "--quorum", "0"], 2, /usage --quorum is "0"/],
  [["observe", "--timeout", "1.5"], 2, /usage --timeout is "1.5"/],
  [["observe", "--max-step", "-1"], 2, /usage --max-step is "-1"/],
  [["prune", "-y", "--before", "-3"], 2, /bad-epoch/],
  [["prune", "-y", "--force", "why"], 2, /usage --force is for --before alone/],
  [["history", "--engine", "x", "--export", "-"], 2, /usage --export writes the whole ledger, and --engine asks/],
  [["repo", "deploy", "r", "x@1.0.0", "--valid-from", "-2"], 2, /bad-epoch/],
  [["ready", "--within", "-1"], 2, /--within is "-1", which is no whole number/],
  [["ready", "--trust-days", "1.5"], 2, /--trust-days is "1.5"/],
  [["rollback", "--to", "two"], 2, /--to is "two", which is no whole number/],
  [["which", "X"], 2, /bad-name/],
  [["use", "x@1"], 2, /bad-version/],
  [["use", "x@v1.2.3"], 2, /bad-version/],
  [["use", "x"], 2, /"x" says no version\./],
  [["install", "--root-sha256", "abc"], 2, /--root-sha256 is "abc", which is no sha256/],
  [["install", "--root", "r", "--root-sha256", "a".repeat(64)], 2, /both say what to trust/],
  [["install", "--root", "gone.json"], 7, /missing There is no file \/work\/gone\.json/],
  [["status", "--color", "sometimes"], 2, /none of its values\.\nWrite one of: auto, always, never\./],
  [["status", "--progress", "fancy"], 2, /--progress is "fancy"/],
  [["status", "-n"], 2, /no flag -n here/],
  [["-n", "status"], 2, /no flag --dry-run here/],
  [["pin", "v42"], 2, /It takes TENANT and ENGINE@VERSION, or --from-file FILE\./],
  [["pin", "v42", "x@1.0.0", "--from-file", "f"], 2, /It takes TENANT/],
  [["repo", "init", "r", "--keys-dir", "k"], 2, /--channel NAME is missing/],
  [["repo", "add", "r", "x@1.0.0", "--tree", "t"], 2, /--platform P is missing/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "linux-x64"], 2, /exactly one of --tree FOLDER/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "linux-x64", "--tree", "t", "--npm", "x@1.0.0"], 2, /exactly one of/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "Linux!", "--tree", "t"], 2, /bad-name "Linux!" is no platform/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--expect", "x"], 2, /there is no --probe/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--expect-library", "x"], 2, /no --probe-with/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--input", "r@1=00"], 2, /OPTION@OFFSET=HEX/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--input=-r@8"], 2, /says no bytes.*-r@8=56/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--input=-r@x=00"], 2, /OPTION@OFFSET=HEX/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--input=A:-r@1=00"], 2, /entry name/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--entry", "xsnap"], 2, /not NAME=PATH/],
  [["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--probe", "'a"], 2, /quote that is not closed/],
  [["repo", "deploy", "r", "x@1.0.0"], 2, /--valid-from EPOCH is missing/],
  [["repo", "sign", "r"], 2, /Nothing says what to sign with/],
  [["service", "remove", "--force"], 2, /There is no flag --force here[\s\S]*--changed-too/],
  [["completion", "csh"], 2, /Write one of: bash, zsh, fish, powershell/],
  [["--home", "a", "--system", "status"], 2, /--home and --system name two homes/],
  [["exec", "x", "--epoch", "-1", "--", "a"], 122, /bad-epoch/],
  [["--home", "h", "exec", "x", "--no-such"], 122, /no flag --no-such/],
];

for (const [argv, status, said] of REFUSED) {
  test(`refused: ${argv.join(" ")}`, async () => {
    const played = await play(argv);
    assert.match(played.stderr, said);
    assert.deepEqual([played.status, played.stdout, played.asked], [status, "", []]);
  });
}

const HOME = "/home/x/.local/share/enginery";

const TAKEN: readonly (readonly [readonly string[], string, Readonly<Record<string, unknown>>])[] = [
  [["which", "xsnap@0.15", "--epoch", "0"], "which", { engine: "xsnap", version: "0.15.0", epoch: 0, home: HOME }],
  [
    ["which", "--epoch=7", "xsnap", "--tenant", "--epoch", "--entry", "a"],
    "which",
    { epoch: 7, tenant: "--epoch", entry: "a" },
  ],
  [
    ["exec", "xsnap", "--epoch", "7", "--", "--json", "-v", "--epoch", "9"],
    "exec",
    { epoch: 7, args: ["--json", "-v", "--epoch", "9"] },
  ],
  [["exec", "--tenant", "v", "xsnap", "--", "--", "x"], "exec", { tenant: "v", args: ["--", "x"] }],
  [
    ["--offline", "upgrade", "a", "b@1.2.3", "--no-prune"],
    "upgrade",
    { offline: true, prune: false, again: false, names: [{ engine: "a" }, { engine: "b", version: "1.2.3" }] },
  ],
  [
    ["upgrade", "--offline", "--allow-http", "--stage-only", "--accept-late", "we know"],
    "upgrade",
    { offline: true, allowHttp: true, stageOnly: true, prune: true, acceptLate: "we know" },
  ],
  [
    ["install", "--mirror", "https://a.example", "--mirror", "folder/b", "--platform", "darwin-arm64"],
    "install",
    { mirrors: ["https://a.example", "/work/folder/b"], platform: "darwin-arm64", root: undefined },
  ],
  [["install", "--root-sha256", `${"AB:".repeat(31)}AB`], "install", { rootSha256: "ab".repeat(32) }],
  [["rollback", "--to", "3", "--to", "2", "--mark-bad", "-v"], "rollback", { to: 2, markBad: "-v", force: undefined }],
  [
    ["history", "--engine", "xsnap", "--epoch", "7", "--since", "7d"],
    "history",
    { engine: "xsnap", epoch: 7, since: "7d" },
  ],
  [["history", "--export", "-"], "exportLedger", { to: undefined }],
  [["verify", "-n", "--quick", "--repair"], "verify", { quick: true, repair: true, dryRun: true }],
  [["prune", "-ny"], "prune", { dryRun: true, keepGenerations: undefined }],
  [["--home", "there", "list"], "list", { home: "/work/there", engine: undefined }],
  [["list", "xsnap", "--home", "/there"], "list", { home: "/there", engine: "xsnap" }],
  [["--system", "status"], "status", { home: "/var/lib/enginery" }],
  [["observe", "5", "--force", "reset", "-y"], "observe", { epoch: 5, force: "reset" }],
  [["observe", "5", "--max-step", "9"], "observe", { epoch: 5, maxStep: 9 }],
  [
    [
      "observe",
      "--source",
      "file:/a",
      "--source",
      "file:/b",
      "--quorum",
      "1",
      "--timeout",
      "3",
      "--max-step",
      "9",
      "--offline",
    ],
    "observe",
    { sources: ["file:/a", "file:/b"], quorum: 1, timeoutSeconds: 3, maxStep: 9, offline: true, allowHttp: false },
  ],
  [["observe"], "observe", { sources: [], quorum: undefined, timeoutSeconds: undefined, offline: false }],
  [
    ["repo", "rules", "r", "x", "--max-future", "none", "--max-deployments", "2", "--alter-pending", "allow"],
    "rules",
    { directory: "/work/r", maxFuture: null, maxDeployments: 2, alterPending: "allow" },
  ],
  [
    ["repo", "rules", "r", "x", "--keep-epochs", "21", "--keep-superseded", "none"],
    "rules",
    { directory: "/work/r", keepEpochs: 21, keepSuperseded: null, maxFuture: undefined },
  ],
  [["prune", "-y", "--before", "9", "--force", "why"], "prune", { before: 9, force: "why", dryRun: false }],
  [["repo", "--yes", "-n", "prune", "r"], "prune", { directory: "/work/r", dryRun: true }],
  [["quarantine", "--home", "/h", "lift", "c".repeat(64)], "quarantine", { home: "/h", lift: "c".repeat(64) }],
  [
    ["repo", "withdraw", "r", "x@1.0.0", "a reason", "--epoch", "9"],
    "withdraw",
    { reason: "a reason", epoch: 9, channel: undefined },
  ],
  [
    [
      "repo",
      "add",
      "r",
      "x@1.0",
      "--platform",
      "any",
      "--tree",
      "t",
      "--entry",
      "x=bin/x",
      "--entry",
      "l=lib/l.so:library",
      "--probe",
      "-c 'a b' --x=\"y z\"",
      "--expect",
      "^x",
    ],
    "add",
    {
      version: "1.0.0",
      tree: "/work/t",
      entries: [
        { name: "x", path: "bin/x", kind: undefined },
        { name: "l", path: "lib/l.so", kind: "library" },
      ],
      probe: { args: ["-c", "a b", "--x=y z"], expect: "^x" },
    },
  ],
  [
    [
      ...["repo", "add", "r", "x@1.0.0", "--platform", "any", "--tree", "t", "--guard-files", "--probe-with", "l"],
      ...["--input=-r@12=56455253,0D03", "--input", "x:--snapshot@0=00", "--expect-library", "^1"],
    ],
    "add",
    {
      probe: undefined,
      libraryProbe: { with: "l", expect: "^1" },
      guards: {
        files: true,
        inputs: [
          { after: "-r", offset: 12, bytes: ["56455253", "0d03"] },
          { entry: "x", after: "--snapshot", offset: 0, bytes: ["00"] },
        ],
      },
    },
  ],
  [
    ["repo", "sign", "r", "--key", "a.pem", "--key", "/b.pem", "--signer", "hsm sign"],
    "sign",
    { keys: ["/work/a.pem", "/b.pem"], signer: ["hsm", "sign"], keysDir: undefined },
  ],
  [
    ["repo", "rotate-root", "r", "--remove-key", "bob", "--remove-key", "old/c.pem", "--role", "timestamp"],
    "rotateRoot",
    { removeKeys: ["bob", "/work/old/c.pem"], role: "timestamp" },
  ],
];

for (const [argv, verb, members] of TAKEN) {
  test(`taken: ${argv.join(" ")}`, async () => {
    const request = requestTo(await play(argv), verb);
    assert.deepEqual(Object.fromEntries(Object.keys(members).map((name) => [name, request[name]])), members);
  });
}

test("a root file's bytes are handed on", async () => {
  const request = requestTo(
    await play(["install", "--root", "r.json"], { files: { "/work/r.json": "{}" } }),
    "install",
  );
  assert.deepEqual(request["root"], new TextEncoder().encode("{}"));
});

test("help and version, wherever they stand", async () => {
  for (const argv of [
    ["help"],
    ["--help"],
    ["-h"],
    ["-h", "status"],
    ["help", "repo"],
    ["repo", "-h"],
    ["help", "repo", "init"],
    ["which", "--help"],
    ["exec", "x", "-h"],
  ]) {
    const { status, stdout, stderr, asked } = await play(argv);
    assert.deepEqual([status, stderr, asked], [0, "", []], argv.join(" "));
    assert.match(stdout, /^Usage: enginery /);
  }
  assert.match((await play(["help", "repo", "init"])).stdout, /^Usage: enginery repo init DIR/);
  assert.equal((await play(["--version", "--json"])).stdout, '{\n  "version": "0.1.0"\n}\n');
  assert.equal((await play(["-q", "-V"])).stdout, "enginery 0.1.0\n");
});

test("pins of one engine: by word or by flag, and never by what exec tells an engine", async () => {
  const engineOf = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    requestTo(await play(["pins", ...words], { env }), "pins")["engine"];
  assert.equal(await engineOf(["xsnap"]), "xsnap");
  assert.equal(await engineOf(["--engine", "xsnap"]), "xsnap");
  assert.equal(await engineOf([], { ENGINERY_PINS_ENGINE: "xsnap" }), "xsnap");
  assert.equal(await engineOf([], { ENGINERY_ENGINE: "xsnap" }), undefined);
});

test("pins from a file: lines, or what pins --json prints", async () => {
  const pinsOf = async (content: string | Uint8Array) => {
    const played = await play(["pin", "--from-file", "f"], { files: { "/work/f": content } });
    return played.status === 0 ? requestTo(played, "pin")["pins"] : played.stderr;
  };
  const both = [
    { tenant: "v42 of us", engine: "xsnap", version: "0.14.0" },
    { tenant: "v7", engine: "wasmtime", version: "36.0.2" },
  ];
  assert.deepEqual(await pinsOf("# ours\nv42 of us  xsnap@0.14\r\n\nv7 wasmtime@36.0.2\n"), both);
  assert.deepEqual(await pinsOf(JSON.stringify({ pins: both.map((pin) => ({ ...pin, tree: "a" })) })), both);
  assert.match(String(await pinsOf("v42\n")), /Line 1 of the file of pins is not TENANT ENGINE@VERSION/);
  assert.match(String(await pinsOf('{"pins":[{"tenant":1}]}')), /not what `enginery pins --json` prints/);
  assert.match(String(await pinsOf("{")), /begins like JSON and is none/);
  assert.match(String(await pinsOf(Uint8Array.from([0xff, 0x20, 0x61, 0x40, 0x31]))), /no UTF-8 text/);
});

test("ready passes on what it was asked for, and nothing where nothing was said", async () => {
  const asked = async (...words: readonly string[]) => {
    const { names, within, quick, trustDays } = requestTo(await play(["ready", ...words]), "ready");
    return { names, within, quick, trustDays };
  };
  const words = ["xsnap@0.16", "wasmtime", "--within", "3", "--quick", "--trust-days", "0"];
  assert.deepEqual(await asked(...words), {
    names: [{ engine: "xsnap", version: "0.16.0" }, { engine: "wasmtime" }],
    within: 3,
    quick: true,
    trustDays: 0,
  });
  assert.deepEqual(await asked(), { names: [], within: undefined, quick: false, trustDays: undefined });
});
