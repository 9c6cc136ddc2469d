import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flag } from "../../src/cli/commands/flag.ts";
import { VERBS } from "../../src/cli/commands/table.ts";
import { flagsOf } from "../../src/cli/commands/verb.ts";
import { SETTINGS } from "../../src/cli/config-overrides.ts";
import { SOUND_LINES } from "./support/lines.ts";
import { play, requestTo } from "./support/stage.ts";

const ONLY_OURS = ["json", "yes", "quiet", "verbose", "no-progress", "progress", "color"];

for (const verb of VERBS) {
  const path = verb.words.join(" ");
  const line = SOUND_LINES[path] ?? [];
  test(`${path}: each flag and its variable say the same`, async () => {
    for (const flag of flagsOf(verb).filter(
      (each) => !ONLY_OURS.includes(each.name) && each.name !== "passphrase-file",
    )) {
      const value = sample(flag);
      // What the sound line says already would hide what is tried here; not all of it can go.
      const base = without(line, flag);
      const words = flag.value === undefined ? [`--${flag.name}`] : [`--${flag.name}`, value];
      const scene = { files: { "/work/sample": "v42 xsnap@0.14.3" } };
      const at = verb.words.length;
      const flagged = await play([...base.slice(0, at), ...words, ...base.slice(at)], scene);
      const named = await play(base, { ...scene, env: { [flag.env]: value } });
      assert.deepEqual(normal(named.asked), normal(flagged.asked), flag.name);
      assert.equal(named.status, flagged.status, flag.name);
      const plain = await play(base, scene);
      if (!["offline", "allow-http", "home", "system"].includes(flag.name)) {
        assert.notDeepEqual(
          [plain.status, normal(plain.asked), plain.stderr, plain.stdout],
          [named.status, normal(named.asked), named.stderr, named.stdout],
          `${flag.name} changes nothing`,
        );
      }
    }
  });
}

test("a variable is named after one meaning: one flag, one form of value", () => {
  const meanings = new Map<string, string>();
  for (const flag of VERBS.flatMap(flagsOf)) {
    const meaning = `--${flag.name} ${flag.value} ${flag.kind} ${flag.choices}`;
    assert.equal(meanings.get(flag.env) ?? meaning, meaning, flag.env);
    meanings.set(flag.env, meaning);
    assert.match(flag.env, /^ENGINERY_[A-Z0-9_]+$/);
  }
});

test("yes or no is 1, true, 0 or false, and nothing else", async () => {
  const again = async (value: string) => {
    const played = await play(["upgrade"], { env: { ENGINERY_AGAIN: value } });
    return played.status === 0 ? requestTo(played, "upgrade")["again"] : played.stderr;
  };
  assert.deepEqual(
    [await again("1"), await again("true"), await again("0"), await again("false"), await again("")],
    [true, true, false, false, false],
  );
  for (const value of ["yes", "on", "TRUE", " 1", "2"]) {
    assert.match(
      String(await again(value)),
      /usage ENGINERY_AGAIN is .* neither yes nor no\.\nWrite 1 or true, 0 or false\./,
      value,
    );
  }
});

test("the command line goes before the variable", async () => {
  const played = await play(["which", "x", "--epoch", "7"], { env: { ENGINERY_EPOCH: "9" } });
  assert.equal(requestTo(played, "which")["epoch"], 7);
  assert.match((await play(["which", "x"], { env: { ENGINERY_EPOCH: "-9" } })).stderr, /bad-epoch/);
});

test("an epoch that is said goes before sources in a variable", async () => {
  const env = { ENGINERY_EPOCH_SOURCES: "file:/a\nfile:/b", ENGINERY_EPOCH_QUORUM: "1" };
  const spoken = requestTo(await play(["observe", "7"], { env }), "observe");
  assert.deepEqual([spoken["epoch"], spoken["sources"]], [7, undefined]);
  const read = requestTo(await play(["observe"], { env }), "observe");
  assert.deepEqual([read["epoch"], read["sources"], read["quorum"]], [undefined, ["file:/a", "file:/b"], 1]);
});

test("several values in a variable are lines", async () => {
  const played = await play(["install"], { env: { ENGINERY_MIRRORS: "https://a.example/\nhttps://b.example/\n" } });
  assert.deepEqual(requestTo(played, "install")["mirrors"], ["https://a.example/", "https://b.example/"]);
});

test("--json by its variable, for failures too", async () => {
  const env = { ENGINERY_JSON: "1" };
  assert.equal(JSON.parse((await play(["list"], { env })).stdout).generation, 4);
  assert.equal(JSON.parse((await play(["which"], { env })).stdout).error.code, "usage");
});

test("keys of config.json", async () => {
  const env = {
    ENGINERY_MIRRORS: "a\nb\n",
    ENGINERY_KEEP_GENERATIONS: "3",
    ENGINERY_KEEP_EPOCHS: "4",
    ENGINERY_KEEP_SUPERSEDED: "5",
    ENGINERY_KEEP_LAST_KNOWN_GOOD: "0",
    ENGINERY_EPOCH_MAX_AGE: "6",
    ENGINERY_RESERVE_BYTES: "7",
    ENGINERY_WATCH_INTERVAL: "12",
    ENGINERY_WATCH_CHECK_EVERY: "13",
    ENGINERY_WATCH_LEAD_EPOCHS: "14",
    ENGINERY_WATCH_LEAD_TIME: "15",
    ENGINERY_WATCH_PRUNE: "1",
    ENGINERY_WATCH_METRICS: "127.0.0.1:9464",
    ENGINERY_ALARM_WEBHOOK: "https://alarms.example/",
    ENGINERY_ALARM_COMMAND: "/bin/page 'the operator'",
    ENGINERY_ALARM_EXIT: "disk-low\nlate-change\n",
    ENGINERY_LEAD_EPOCHS: "8",
    ENGINERY_DELTAS: "0",
    ENGINERY_EPOCH_SOURCES: "file:/a\nfile:/b",
    ENGINERY_EPOCH_QUORUM: "9",
    ENGINERY_EPOCH_TIMEOUT_SECONDS: "10",
    ENGINERY_EPOCH_MAX_STEP: "11",
  };
  const config = requestTo(await play(["status"], { env }), "status")["config"];
  assert.deepEqual(config, {
    mirrors: ["a", "b"],
    keepGenerations: 3,
    keepEpochs: 4,
    keepSuperseded: 5,
    keepLastKnownGood: false,
    epochMaxAge: 6,
    reserveBytes: 7,
    watchInterval: 12,
    watchCheckEvery: 13,
    watchLeadEpochs: 14,
    watchLeadTime: 15,
    watchPrune: true,
    watchMetrics: "127.0.0.1:9464",
    alarmWebhook: "https://alarms.example/",
    alarmCommand: ["/bin/page", "the operator"],
    alarmExit: ["disk-low", "late-change"],
    leadEpochs: 8,
    deltas: false,
    epochSources: ["file:/a", "file:/b"],
    epochQuorum: 9,
    epochTimeoutSeconds: 10,
    epochMaxStep: 11,
  });
  assert.deepEqual(Object.keys(config ?? {}), Object.keys(SETTINGS));
  assert.equal(requestTo(await play(["status"]), "status")["config"], undefined);
  assert.match(
    (await play(["status"], { env: { ENGINERY_KEEP_EPOCHS: "many" } })).stderr,
    /usage ENGINERY_KEEP_EPOCHS is "many"/,
  );
});

test("the home: said, or by the rules of the system", async () => {
  const homeOf = async (argv: readonly string[], env: Record<string, string>, system = "linux") => {
    const played = await play([...argv, "status"], { env, system });
    return played.status === 0 ? requestTo(played, "status")["home"] : played.stderr;
  };
  assert.equal(await homeOf([], {}), "/home/x/.local/share/enginery");
  assert.equal(await homeOf([], { XDG_DATA_HOME: "/data" }), "/data/enginery");
  assert.equal(await homeOf([], { XDG_DATA_HOME: "data" }), "/home/x/.local/share/enginery");
  assert.equal(await homeOf([], { LOCALAPPDATA: "C:\\Local" }, "win32"), "C:\\Local\\enginery");
  assert.equal(await homeOf([], { ENGINERY_HOME: "h" }), "/work/h");
  assert.equal(await homeOf([], { ENGINERY_SYSTEM: "1" }), "/var/lib/enginery");
  assert.equal(await homeOf([], { ENGINERY_SYSTEM: "1", ENGINERY_HOME: "/h" }), "/h");
  assert.equal(await homeOf(["--system"], { ENGINERY_HOME: "/h" }), "/var/lib/enginery");
  assert.equal(await homeOf(["--home", "/h"], { ENGINERY_SYSTEM: "1" }), "/h");
  assert.match(String(await homeOf([], { HOME: "" })), /HOME is not set\.\nGive --home DIR\./);
});

function sample(flag: Flag): string {
  const [choice] = flag.choices?.slice(-1) ?? [];
  if (flag.value === undefined) return "1";
  if (choice !== undefined) return choice;
  const samples: Record<string, string> = {
    HEX: "d".repeat(64),
    N: "17",
    M: "18",
    NOW: "19",
    EPOCH: "20",
    P: "win32-x64",
    "NAME=PATH[:KIND]": "other=bin/other",
    "NAME@VERSION": "other@2.0.0",
  };
  return samples[flag.value] ?? "sample";
}

function without(line: readonly string[], flag: Flag): readonly string[] {
  const at = line.indexOf(`--${flag.name}`);
  return at < 0 ? line : line.toSpliced(at, flag.value === undefined ? 1 : 2);
}

/** Functions are not compared, nor what differs by the variable itself: the engine's environment, keys of config.json. */
function normal(asked: unknown): unknown {
  return JSON.parse(JSON.stringify(asked, (name, value) => (name === "env" || name === "config" ? undefined : value)));
}
