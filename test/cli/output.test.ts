import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_COLOURS, printable } from "../../src/cli/render/paint.ts";
import { timeLine } from "../../src/cli/render/timeline.ts";
import { bytes, duration } from "../../src/cli/render/units.ts";
import { ERROR_CODES, type ErrorCode } from "../../src/core/error-codes.ts";
import { SCENES } from "../support/schedule-scenes.ts";
import { failing, INSTALLED } from "./support/canned.ts";
import { play, type Scene } from "./support/stage.ts";

const ESCAPE = "\u001b[";

test("colours on a terminal only, unless --color or NO_COLOR says otherwise", async () => {
  const coloured = async (argv: readonly string[], scene: Scene) =>
    (await play(["status", ...argv], scene)).stdout.includes(ESCAPE);
  assert.equal(await coloured([], {}), false);
  assert.equal(await coloured([], { terminal: true }), true);
  assert.equal(await coloured(["--color", "never"], { terminal: true }), false);
  assert.equal(await coloured(["--color", "always"], {}), true);
  assert.equal(await coloured([], { terminal: true, env: { NO_COLOR: "1" } }), false);
  assert.equal(await coloured([], { terminal: true, env: { NO_COLOR: "" } }), true);
  assert.equal(await coloured(["--color", "always"], { env: { NO_COLOR: "1" } }), true);
  assert.equal(
    (await play(["status", "--json", "--color", "always"], { terminal: true })).stdout.includes(ESCAPE),
    false,
  );
});

test("progress: bars on a terminal, JSON Lines where asked for, none under -q", async () => {
  const progressOf = async (argv: readonly string[], scene: Scene) =>
    (await play(["list", ...argv], scene)).manner?.progress;
  const terminal = { terminal: true };
  assert.equal(await progressOf([], {}), "none");
  assert.equal(await progressOf([], terminal), "bars");
  assert.equal(await progressOf(["--no-progress"], terminal), "none");
  assert.equal(await progressOf(["--progress", "none"], terminal), "none");
  assert.equal(await progressOf(["--progress", "bars"], {}), "none");
  assert.equal(await progressOf(["--progress", "json"], {}), "json");
  assert.equal(await progressOf(["--progress", "json", "-q"], terminal), "none");
  assert.equal(await progressOf(["-q"], terminal), "none");
  assert.equal((await play(["list", "-v"])).manner?.notes, true);
  assert.equal((await play(["list", "-v", "-q"])).manner?.notes, false);
});

test("every code ends with its exit status, two lines, and 120 more for exec", async () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { exit, mend } = ERROR_CODES[code];
    const list = await play(["list"], { operator: { list: failing(code, "It is so.", { engine: "x" }) } });
    assert.deepEqual(
      [list.status, list.stdout, list.stderr],
      [exit, "", `enginery: error ${code} It is so.\n${mend}\n`],
    );
    const exec = await play(["exec", "x", "--json"], { operator: { exec: failing(code, "It is so.") } });
    assert.deepEqual(
      [exec.status, exec.stdout, exec.stderr],
      [120 + exit, "", `enginery: error ${code} It is so.\n${mend}\n`],
    );
    const json = await play(["list", "--json"], { operator: { list: failing(code, "It is so.", { engine: "x" }) } });
    assert.deepEqual(JSON.parse(json.stdout), {
      error: { code, message: "It is so.", hint: mend, context: { engine: "x" } },
    });
    assert.deepEqual([json.status, json.stderr], [exit, ""]);
  }
});

test("what nobody foresaw is a bug of ours; -v tells where", async () => {
  const operator = { list: async () => JSON.parse("{") };
  const plain = await play(["list"], { operator });
  assert.equal(plain.status, 1);
  assert.match(plain.stderr, /^enginery: error internal .*\nReport it with .*\n$/);
  assert.match((await play(["list", "-v"], { operator })).stderr, /\n +at .*output\.test\.ts/);
  assert.match(JSON.parse((await play(["-v", "list", "--json"], { operator })).stdout).error.context.stack, / at /);
  const odd = await play(["list"], { operator: { list: () => Promise.reject("a bare string") } });
  assert.match(odd.stderr, /internal a bare string\./);
});

test("releases that failed: the status of the first, what was sound is told", async () => {
  const failed = [
    { engine: "a", version: "1.0.0", code: "hash-mismatch" as const, message: "Other bytes." },
    { engine: "b", version: "1.0.0", code: "probe-failed" as const, message: "Silent." },
  ];
  for (const verb of ["install", "upgrade"] as const) {
    const result = async () => ({
      ...INSTALLED,
      failed,
      from: 1,
      to: 1,
      manifest: { serial: 1, sha256: "" },
      pruned: [],
    });
    const played = await play([verb], { operator: { [verb]: result } });
    assert.equal(played.status, 5);
    assert.match(played.stdout, /Failed {2}a 1\.0\.0 {2}hash-mismatch: Other bytes\./);
  }
});

test("foreign text cannot steer the terminal", async () => {
  const hostile = "\u001b]0;owned\u0007\u202e\u061c\r\nfake line";
  assert.equal(/[\p{Cc}\u202e\u061c]/u.test(printable(hostile)), false);
  const failed = [{ engine: "a", version: "1.0.0", code: "probe-failed" as const, message: hostile }];
  const texts = [
    await play(["install"], { operator: { install: async () => ({ ...INSTALLED, failed }) } }),
    await play(["list"], { operator: { list: failing("io", hostile) } }),
    await play(["schedule"], {
      operator: {
        schedule: async () => ({
          unit: hostile,
          observed: 1,
          engines: { x: [{ version: "1.0.0", validFrom: 0, state: "in-effect", installed: true, withdrawn: hostile }] },
        }),
      },
    }),
    await play(["doctor"], {
      operator: {
        doctor: async () => ({
          ok: false,
          findings: [{ code: "x", severity: "error", message: hostile, mend: hostile }],
        }),
      },
    }),
    await play(["pins"], {
      operator: {
        pins: async () => ({
          pins: [{ format: 1, tenant: hostile, engine: "x", version: "1.0.0", tree: "a", at: "" }],
        }),
      },
    }),
  ];
  for (const { stdout, stderr } of texts)
    assert.doesNotMatch(stdout + stderr, /(?!\n)\p{Cc}|\u202e|\u061c|^fake line/mu);
});

test("units are binary and say so", () => {
  assert.deepEqual([0, 1023, 1024, 1_048_576, 5_368_709_120].map(bytes), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.0 MiB",
    "5.0 GiB",
  ]);
  assert.deepEqual([-5, 45_000, 720_000, 10_800_000, 777_600_000].map(duration), [
    "0 s",
    "45 s",
    "12 min",
    "3 h",
    "9 days",
  ]);
});

const at = (version: string, validFrom: number, state: "pending" | "in-effect" | "superseded" | null) => ({
  version,
  validFrom,
  state,
  installed: true,
});

test("the time line: in order, open to the right, within its width", () => {
  const two = [at("2.0.0", 9_000_000, "pending"), at("1.0.0", 0, "in-effect")];
  assert.deepEqual(timeLine(two, 4_500_000, NO_COLOURS).split("\n"), [
    `  1.0.0     ${"=".repeat(57)}`,
    `  2.0.0     ${" ".repeat(57)}${".".repeat(9)}>`,
    `  observed  ${" ".repeat(28)}^ 4500000`,
    "",
  ]);
  assert.match(timeLine([at("1.0.0", 5, null)], null, NO_COLOURS), /^ {2}1\.0\.0 {5}~{66}>\n$/);
  assert.match(timeLine([at("1.0.0", 5, null)], null, NO_COLOURS, 120), /^ {2}1\.0\.0 {5}~{100}>\n$/);
});

test("the time line: what is near is told apart, and that it is not to scale is said", () => {
  const uneven = [at("1.0.0", 0, "superseded"), at("1.0.1", 9_000_000, "in-effect"), at("1.0.2", 9_000_009, "pending")];
  assert.deepEqual(timeLine(uneven, 9_000_004, NO_COLOURS, 60).split("\n"), [
    `  1.0.0     ${"-".repeat(36)}`,
    `  1.0.1     ${" ".repeat(36)}==`,
    `  1.0.2     ${" ".repeat(38)}........>`,
    `  observed  ${" ".repeat(37)}^ 9000004`,
    "            (not to scale)",
    "",
  ]);
});

test("the time line: short and within the terminal whatever the schedule, in ASCII", () => {
  for (const name of Object.keys(SCENES)) {
    for (const columns of [40, 80, 120, 400]) {
      for (const releases of Object.values(SCENES[name]?.schedule.engines ?? {})) {
        const lines = timeLine(releases, SCENES[name]?.schedule.observed ?? null, NO_COLOURS, columns).split("\n");
        assert.ok(lines.length <= 46, `${name} has ${lines.length} lines`);
        const bars = lines.filter((line) => / [-=.~]+>?$/.test(line));
        for (const line of bars) assert.ok(line.length <= Math.max(56, columns), `${name} at ${columns}: ${line}`);
        if (name !== "hostile-names") assert.match(lines.join("\n"), /^[\n\x20-\x7e]*$/);
        assert.doesNotMatch(lines.join(""), /[\p{Cc}\u202e\u061c]/u);
        if (columns >= 80) assert.equal(new Set(bars.map((line) => / [-=.~]+>?$/.exec(line)?.index)).size, bars.length);
      }
    }
  }
});
