import assert from "node:assert/strict";
import { test } from "node:test";
import { ALARM_KINDS } from "../../../src/core/watch/kinds.ts";
import { type MetricsFacts, metricsOf } from "../../../src/core/watch/metrics.ts";
import { metricsText } from "../../../src/core/watch/metrics-text.ts";

const FACTS: MetricsFacts = {
  version: "0.1.0",
  mode: "following",
  now: 1_800_000_010_000,
  startedAt: 1_800_000_000_000,
  epoch: 98,
  observedAt: 1_800_000_005_500,
  msPerEpoch: 6_000,
  generation: 4,
  serial: 7,
  releases: [
    {
      engine: "xs",
      version: "1.0.0",
      role: "in-effect",
      validFrom: 0,
      installed: true,
      tried: false,
      flaws: [],
      proven: true,
    },
    {
      engine: "xs",
      version: "2.0.0",
      role: "next",
      validFrom: 100,
      installed: true,
      tried: false,
      flaws: [],
      proven: false,
    },
  ],
  installedBytes: 123,
  freeBytes: 456,
  expiries: { root: 1_900_000_000_000 },
  held: false,
  checkedAt: 1_800_000_001_000,
  upgradedAt: undefined,
  failures: new Map([["upgrade network", 3]]),
  alarms: new Map([
    [
      "disk-low",
      {
        condition: { kind: "disk-low", message: "", mend: "" },
        since: "",
        told: 1,
        toldLeft: undefined,
        toldAt: 0,
      },
    ],
  ]),
};
const linesOf = (facts: Partial<MetricsFacts> = {}) => metricsText(metricsOf({ ...FACTS, ...facts })).split("\n");

test("one line a sample, with its labels; what is not known is left out", () => {
  const lines = linesOf();
  for (const line of [
    'enginery_build_info{version="0.1.0"} 1',
    "enginery_following 1",
    "enginery_observed_epoch 98",
    "enginery_observed_time_seconds 1800000005.5",
    "enginery_observed_age_seconds 4.5",
    "enginery_epoch_seconds 6",
    'enginery_in_effect{engine="xs",version="1.0.0"} 1',
    'enginery_next{engine="xs",version="2.0.0"} 1',
    'enginery_next_proven{engine="xs",version="2.0.0"} 0',
    'enginery_next_epochs_left{engine="xs"} 2',
    "enginery_installed_bytes 123",
    "enginery_free_bytes 456",
    'enginery_trust_expiry_time_seconds{role="root"} 1900000000',
    'enginery_failures_total{kind="upgrade",code="network"} 3',
    'enginery_failures_total{kind="source",code=""} 0',
    'enginery_alarms_firing{kind="disk-low"} 1',
    'enginery_alarms_firing{kind="late-change"} 0',
    "enginery_last_check_time_seconds 1800000001",
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(!lines.some((line) => line.startsWith("enginery_last_upgrade")));
  assert.equal(
    lines.filter((line) => line.startsWith("enginery_alarms_firing")).length,
    Object.keys(ALARM_KINDS).length,
  );
});

test("an unknown epoch is absent, and never 0", () => {
  const lines = linesOf({ epoch: undefined, observedAt: undefined });
  assert.deepEqual(
    lines.filter((line) => /^enginery_(observed|next_epochs_left)/.test(line)),
    [],
  );
});

test("every family has its help and type once, before its samples, and every line is of the format", () => {
  const lines = linesOf().slice(0, -1);
  const seen = new Set<string>();
  for (const [at, line] of lines.entries()) {
    if (line.startsWith("# HELP ")) {
      const [, , name = ""] = line.split(" ");
      assert.ok(!seen.has(name), name);
      seen.add(name);
      assert.match(lines[at + 1] ?? "", new RegExp(`^# TYPE ${name} (gauge|counter)$`));
    } else if (!line.startsWith("#")) {
      assert.match(
        line,
        /^enginery_[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\.)*"(,[a-z_]+="(?:[^"\\\n]|\\.)*")*\})? -?[0-9.e+]+$/,
      );
      assert.ok(seen.has(/^[a-z_]+/.exec(line)?.[0] ?? ""), line);
    }
  }
});

test("labels are escaped, and odd numbers have their names", () => {
  const samples = [
    { labels: { name: 'a"b\\c\nd\re' }, value: Number.NaN },
    { value: Number.POSITIVE_INFINITY },
    { value: Number.NEGATIVE_INFINITY },
  ];
  const text = metricsText([{ name: "x", type: "gauge", help: "a\\b\nc", samples }]);
  assert.equal(
    text,
    '# HELP enginery_x a\\\\b\\nc\n# TYPE enginery_x gauge\nenginery_x{name="a\\"b\\\\c\\nd\ufffde"} NaN\nenginery_x +Inf\nenginery_x -Inf\n',
  );
  assert.equal(metricsText([{ name: "x", type: "gauge", help: "", samples: [] }]), "");
});
