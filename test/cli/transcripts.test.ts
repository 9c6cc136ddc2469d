import assert from "node:assert/strict";
import { test } from "node:test";
import { VERBS } from "../../src/cli/commands/table.ts";
import { failing, INSTALLED, READY, SIGNED, UPGRADED } from "./support/canned.ts";
import { matchGolden } from "./support/golden.ts";
import { SOUND_LINES } from "./support/lines.ts";
import { play, type Scene } from "./support/stage.ts";

const paths = VERBS.map((verb) => verb.words.join(" "));

test("every verb has a sound line, and no line is of a verb that is gone", () => {
  assert.deepEqual(Object.keys(SOUND_LINES), paths);
});

for (const verb of VERBS) {
  const path = verb.words.join(" ");
  const name = path.replaceAll(" ", "-");
  const line = SOUND_LINES[path] ?? [];

  test(`${path}: as a person and as a program read it`, async () => {
    const parts = [
      await transcript(line),
      ...(path === "exec" || path === "completion" ? [] : [await transcript([...line, "--json"])]),
    ];
    if (verb.changes) parts.push(await transcript(["--dry-run", ...line]));
    matchGolden(name, parts.join("\n"));
  });

  test(`${path}: with --json one document is on stdout, of success or failure`, async () => {
    if (path === "exec") return;
    const { stdout, stderr } = await play([...line, "--json"]);
    assert.doesNotThrow(() => JSON.parse(stdout), stdout);
    assert.equal(stderr, "");
    const failed = await play(["--json", ...line, "--no-such-flag"]);
    const document: unknown = JSON.parse(failed.stdout);
    assert.deepEqual(document, {
      error: {
        code: "usage",
        message: "There is no flag --no-such-flag here.",
        hint: `See \`enginery help ${path}\`.`,
        context: {},
      },
    });
    assert.deepEqual([failed.status, failed.stderr], [2, ""]);
  });

  test(`${path}: --dry-run says so in the document, and is taken only where something changes`, async () => {
    const { status, stdout, stderr, asked } = await play([
      "--json",
      ...line.slice(0, verb.words.length),
      "-n",
      ...line.slice(verb.words.length),
    ]);
    if (!verb.changes) {
      assert.equal(status, path === "exec" ? 122 : 2);
      assert.match(stdout + stderr, /no flag -n/);
      assert.deepEqual(asked, []);
      return;
    }
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).dryRun, true);
    assert.deepEqual(
      asked.map(({ request }) => request["dryRun"]),
      [true],
    );
  });
}

const SPECIAL: readonly (readonly [string, readonly string[], Scene])[] = [
  [
    "install-nothing",
    ["install"],
    { operator: { install: async () => ({ ...INSTALLED, installed: [], changed: false }) } },
  ],
  [
    "install-failed",
    ["install"],
    {
      operator: {
        install: async () => ({
          ...INSTALLED,
          failed: [{ engine: "xsnap", version: "0.16.0", code: "probe-failed", message: "It said 0.15.0." }],
        }),
      },
    },
  ],
  [
    "upgrade-held",
    ["upgrade"],
    {
      operator: {
        upgrade: async () => ({
          ...UPGRADED,
          changed: false,
          installed: [],
          late: [],
          held: "Generation 5 was rolled back.",
        }),
      },
    },
  ],
  [
    "upgrade-offline",
    ["upgrade", "--offline"],
    { operator: { upgrade: failing("offline", "The repository is on the network.") } },
  ],
  [
    "check-nothing",
    ["check"],
    {
      operator: {
        check: async () => ({
          updates: [],
          downloadBytes: 0,
          diskBytes: 0,
          manifest: { serial: 7, sha256: "7".repeat(64) },
          withdrawn: [],
          pinned: [],
        }),
      },
    },
  ],
  ["verify-repair", ["verify", "--repair"], {}],
  ["history-of-an-engine", ["history", "--engine", "xsnap", "--epoch", "1200"], {}],
  ["history-export", ["history", "--export", "-"], {}],
  ["history-export-json", ["history", "--export", "-", "--json"], {}],
  ["history-export-file", ["history", "--export", "/ledger.jsonl"], {}],
  [
    "ready-all",
    ["ready"],
    {
      operator: {
        ready: async () => ({
          ...READY,
          ready: true,
          items: READY.items.filter(({ ok }) => ok),
          home: READY.home.filter(({ ok }) => ok),
        }),
      },
    },
  ],
  ["ready-colours", ["ready", "--color", "always"], {}],
  ["which-why", ["which", "xsnap", "--why"], {}],
  [
    "which-nothing",
    ["which", "xsnap", "--epoch", "3"],
    { operator: { which: failing("nothing-in-effect", "No xsnap is in effect at 3.", { engine: "xsnap", epoch: 3 }) } },
  ],
  [
    "exec-nothing",
    ["exec", "xsnap", "--epoch", "3", "--", "-v"],
    { operator: { exec: failing("nothing-in-effect", "No xsnap is in effect at 3.") } },
  ],
  ["prune-unconfirmed", ["prune"], {}],
  ["doctor-fix", ["doctor", "--fix"], {}],
  [
    "repo-sign-missing",
    ["repo", "sign", "repo", "--key", "alice.pem"],
    {
      publisher: {
        sign: async () => ({
          ...SIGNED,
          visible: false,
          added: 1,
          missing: [{ role: "targets", keyid: "8".repeat(64), name: "bob" }],
        }),
      },
    },
  ],
  ["no-verb", [], {}],
  ["unknown-verb", ["isntall"], {}],
  ["unknown-flag", ["which", "xsnap", "--epcoh", "3"], {}],
  ["help", ["help"], {}],
  ["help-which", ["help", "which"], {}],
  ["help-repo", ["repo", "--help"], {}],
  ["status-colours", ["status", "--color", "always"], {}],
];

for (const [name, argv, scene] of SPECIAL) {
  test(`transcript: ${name}`, async () => matchGolden(name, await transcript(argv, scene)));
}

async function transcript(argv: readonly string[], scene: Scene = {}): Promise<string> {
  const played = await play(argv, scene);
  const words = argv.map((word) => (/^[\w@./:=-]+$/.test(word) ? word : `'${word}'`));
  return [
    `$ ${["enginery", ...words].join(" ")}\n`,
    part("", played.stdout),
    part("2> ", played.stderr),
    `exit ${played.status}\n`,
  ].join("");
}

function part(mark: string, text: string): string {
  if (text === "") return "";
  return text
    .replaceAll("\u001b", "\\e")
    .replaceAll(/^/gm, mark)
    .slice(0, text.endsWith("\n") ? -mark.length || undefined : undefined);
}
