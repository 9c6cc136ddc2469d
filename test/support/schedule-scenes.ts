import type { ScheduledRelease, SchedulePage } from "../../src/ops/answers.ts";

/** 2026-01-02 03:04:05 UTC: when every scene's page is made. */
export const SCENE_TIME = Date.UTC(2026, 0, 2, 3, 4, 5);

export interface SceneEngine {
  /** Version, validFrom; in order. */
  readonly deployments: readonly (readonly [version: string, validFrom: number])[];
  /** Default: all. */
  readonly installed?: readonly string[];
  readonly withdrawn?: Readonly<Record<string, string>>;
  readonly selected?: string;
  /** How many tenants; or who. */
  readonly pins?: Readonly<Record<string, number | readonly string[]>>;
  readonly bytes?: number;
}

export interface SceneFacts {
  readonly engines: Readonly<Record<string, SceneEngine>>;
  /** Null: unknown. */
  readonly observed: number | null;
  readonly unit?: string;
  readonly windowFrom?: number;
  readonly more?: Partial<SchedulePage>;
  readonly status?: Partial<SchedulePage["status"]>;
}

/** A page as `schedulePage` would collect it, of made-up facts. */
export function scenePage({ engines, observed, unit = "session", windowFrom, more, status }: SceneFacts): SchedulePage {
  const names = Object.keys(engines);
  const of = (name: string): SceneEngine => engines[name] ?? { deployments: [] };
  const schedules = names.map((name) => [name, releasesOf(of(name), observed)] as const);
  const installed = names.flatMap((engine) => installedOf(engine, of(engine), observed));
  const observedAt = "2026-01-02T02:52:00Z";
  const standing = names.map((engine) => standingOf(engine, of(engine), observed));
  return {
    schedule: { unit, observed, engines: Object.fromEntries(schedules) },
    status: {
      home: "/var/lib/enginery",
      generation: 42,
      channel: "mainnet",
      repository: "https://engines.example/repository",
      manifest: { serial: 17, sha256: "7e".repeat(32) },
      unit,
      epoch: observed,
      observedAt: observed === null ? null : observedAt,
      engines: standing,
      disk: { installedBytes: installed.reduce((sum, { bytes }) => sum + bytes, 0), freeBytes: 81_500_000_000 },
      trust: {
        rootVersion: 3,
        rootSha256: "d4".repeat(32),
        expires: {
          root: "2027-01-01T00:00:00Z",
          targets: "2026-07-01T00:00:00Z",
          snapshot: "2026-01-20T00:00:00Z",
          timestamp: "2026-01-06T12:00:00Z",
        },
        expired: [],
      },
      held: false,
      hold: null,
      problems: [],
      ...status,
    },
    installed,
    observation: observed === null ? null : { epoch: observed, at: observedAt, from: "observe" },
    committedAt: "2025-12-24T18:00:00Z",
    publishedEpoch: observed,
    pins: names.flatMap((engine) =>
      Object.entries(of(engine).pins ?? {}).map(([version, pinned]) => {
        const tenants = typeof pinned === "number" ? namedTenants(pinned) : pinned;
        return {
          engine,
          version,
          count: typeof pinned === "number" ? pinned : pinned.length,
          tenants: tenants.slice(0, 12),
        };
      }),
    ),
    windowFrom: windowFrom ?? null,
    ...more,
  };
}

function namedTenants(count: number): readonly string[] {
  return Array.from({ length: Math.min(count, 12) }, (_, at) => `v${at + 1}`);
}

function answerAt({ deployments }: SceneEngine, observed: number | null) {
  return observed === null ? undefined : deployments.filter(([, validFrom]) => validFrom <= observed).at(-1);
}

function releasesOf(engine: SceneEngine, observed: number | null): readonly ScheduledRelease[] {
  const answer = answerAt(engine, observed);
  return engine.deployments.map(([version, validFrom]): ScheduledRelease => {
    const withdrawn = engine.withdrawn?.[version];
    const begun = observed === null ? null : validFrom > observed ? "pending" : "superseded";
    return {
      version,
      validFrom,
      state: answer?.[0] === version ? "in-effect" : begun,
      installed: engine.installed?.includes(version) ?? true,
      ...(withdrawn === undefined ? {} : { withdrawn }),
    };
  });
}

function installedOf(name: string, engine: SceneEngine, observed: number | null): SchedulePage["installed"] {
  const releases = releasesOf(engine, observed);
  const unscheduled = (engine.installed ?? []).filter((version) => !releases.some((each) => each.version === version));
  const rows = [
    ...releases.filter(({ installed }) => installed),
    ...unscheduled.map((version) => ({ version, validFrom: null, state: "unscheduled" as const })),
  ];
  return rows.map(({ version, validFrom, state }, at) => ({
    engine: name,
    version,
    platform: "linux-x64",
    tree: `${(at * 7 + name.length * 13 + 1).toString(16).padStart(4, "0")}c0ffee`.padEnd(64, "0"),
    path: `/var/lib/enginery/engines/${name}/${version}`,
    bytes: Math.round((engine.bytes ?? 12_900_000) * (1 + (at % 5) / 7)),
    validFrom,
    state,
    entries: [name],
  }));
}

function standingOf(
  name: string,
  engine: SceneEngine,
  observed: number | null,
): SchedulePage["status"]["engines"][number] {
  const isHere = (version: string) => engine.installed?.includes(version) ?? true;
  const now = answerAt(engine, observed);
  const next = observed === null ? undefined : engine.deployments.find(([, validFrom]) => validFrom > observed);
  const pinned = Object.values(engine.pins ?? {}).map((pins) => (typeof pins === "number" ? pins : pins.length));
  return {
    engine: name,
    inEffect: now === undefined ? null : { version: now[0], validFrom: now[1], installed: isHere(now[0]) },
    next:
      next === undefined || observed === null
        ? null
        : { version: next[0], validFrom: next[1], epochsLeft: next[1] - observed, installed: isHere(next[0]) },
    selected: engine.selected ?? null,
    pins: pinned.reduce((sum, count) => sum + count, 0),
  };
}

/** `count` deployments of an engine: versions that rise, and epochs by `step`. */
export function deployments(count: number, step: (at: number) => number): SceneEngine["deployments"] {
  return Array.from({ length: count }, (_, at) => [`1.${Math.floor(at / 4)}.${at % 4}`, step(at)] as const);
}

export const HOSTILE_TEXT = `<script>alert(1)</script>"'&]]>--><svg onload=x> \u202edesrever\u0007\u0000 \u061c\ud800 שלום`;

/** The scenes that are looked at. */
export const SCENES: Readonly<Record<string, SchedulePage>> = {
  "one-engine": scenePage({
    engines: {
      xsnap: {
        deployments: [
          ["0.14.3", 0],
          ["0.15.0", 1000],
          ["0.16.0", 2000],
        ],
        pins: { "0.14.3": 2 },
      },
    },
    observed: 1200,
    windowFrom: 700,
  }),
  "one-deployment": scenePage({ engines: { wasmtime: { deployments: [["36.0.2", 0]] } }, observed: 4711 }),
  "two-deployments": scenePage({
    engines: {
      wasmtime: {
        deployments: [
          ["23.0.2", 100],
          ["36.0.2", 9_007_199_254_740_991],
        ],
        installed: ["23.0.2"],
      },
    },
    observed: 8_123_456,
    unit: "height",
  }),
  "three-engines": scenePage({
    engines: {
      pink: {
        deployments: [
          ["1.0.0", 120],
          ["1.1.0", 900],
          ["1.2.0", 1400],
          ["2.0.0", 2600],
        ],
        pins: { "1.0.0": ["cluster-1", "cluster-9"], "1.1.0": 40 },
        bytes: 31_000_000,
      },
      xsnap: {
        deployments: [
          ["0.13.0", 0],
          ["0.14.0", 300],
          ["0.14.1", 340],
          ["0.14.3", 700],
          ["0.15.0-u16.1", 1500],
          ["0.15.0", 1900],
        ],
        installed: ["0.14.1", "0.14.3", "0.15.0-u16.1"],
        withdrawn: { "0.14.1": "corrupts snapshots of large heaps" },
        pins: { "0.14.1": 131 },
      },
      wasmtime: {
        deployments: [
          ["9.0.1", 0],
          ["36.0.2", 2100],
        ],
        installed: ["9.0.1", "36.0.2", "40.0.0"],
        bytes: 48_000_000,
      },
      hermes: { deployments: [], installed: ["0.4.0", "0.7.2"], selected: "0.7.2", bytes: 5_000_000 },
    },
    observed: 1650,
    windowFrom: 1150,
    status: {
      trust: {
        rootVersion: 3,
        rootSha256: "d4".repeat(32),
        expires: {
          root: "2027-01-01T00:00:00Z",
          targets: "2026-07-01T00:00:00Z",
          snapshot: "2026-01-20T00:00:00Z",
          timestamp: "2026-01-06T12:00:00Z",
        },
        expired: [],
      },
      problems: [
        {
          code: "release-not-installed",
          message: "xsnap@0.15.0 (from 1900) is not installed: enginery install xsnap@0.15.0",
          mend: "enginery install xsnap@0.15.0",
        },
        { code: "expires-soon", message: "timestamp expires on 2026-01-06T12:00:00Z." },
      ],
    },
  }),
  "forty-deployments": scenePage({
    engines: { xsnap: { deployments: deployments(40, (at) => at * 250), pins: { "1.3.1": 4, "1.9.0": 1200 } } },
    observed: 8600,
  }),
  "uneven-spans": scenePage({
    engines: {
      wasmtime: {
        deployments: [
          ["1.0.0", 0],
          ["2.0.0", 4_000_000],
          ["2.0.1", 4_000_012],
          ["2.0.2", 4_000_100],
          ["3.0.0", 7_500_000_000],
          ["4.0.0-beta.very.long.name.of.a.build.20260102.7f3c2a1", 7_500_000_400],
        ],
        installed: ["2.0.2", "3.0.0"],
      },
    },
    observed: 4_000_140,
    unit: "height",
    windowFrom: 3_900_000,
  }),
  "unknown-epoch": scenePage({
    engines: {
      xsnap: {
        deployments: [
          ["0.14.3", 0],
          ["0.15.0", 1000],
        ],
        pins: { "0.14.3": 2 },
      },
      hermes: { deployments: [], installed: ["0.7.2"], selected: "0.7.2" },
    },
    observed: null,
    more: { observation: { epoch: 1200, at: "2025-12-29T00:00:00Z", from: "observe" } },
    status: {
      problems: [
        {
          code: "epoch-unknown",
          message: "The epoch is unknown: enginery observe EPOCH",
          mend: "enginery observe EPOCH",
        },
      ],
    },
  }),
  "expired-trust": scenePage({
    engines: {
      pink: {
        deployments: [
          ["1.0.0", 100],
          ["1.1.0", 200],
        ],
        installed: ["1.0.0"],
      },
    },
    observed: 240,
    unit: "epoch",
    status: {
      held: true,
      hold: { at: "2026-01-01T00:00:00Z", reason: "until the audit is done" },
      trust: {
        rootVersion: 3,
        rootSha256: "d4".repeat(32),
        expires: {
          root: "2026-01-08T00:00:00Z",
          targets: "2026-01-03T00:00:00Z",
          snapshot: "2026-01-02T00:00:00Z",
          timestamp: "2025-12-30T00:00:00Z",
        },
        expired: ["snapshot", "timestamp"],
      },
      problems: [
        {
          code: "release-not-installed",
          message: "pink@1.1.0 (from 200) is not installed: enginery install pink@1.1.0",
          mend: "enginery install pink@1.1.0",
        },
        {
          code: "trust-expired",
          message: "timestamp expired on 2025-12-30T00:00:00Z; upgrades wait for the publisher, engines go on.",
        },
        {
          code: "trust-expired",
          message: "snapshot expired on 2026-01-02T00:00:00Z; upgrades wait for the publisher, engines go on.",
        },
        { code: "expires-soon", message: "targets expires on 2026-01-03T00:00:00Z." },
      ],
    },
  }),
  "ten-thousand": scenePage({
    engines: {
      xsnap: {
        deployments: deployments(10_000, (at) => at * 17 + (at % 7) * 2),
        installed: ["1.1874.2", "1.1874.3", "1.1875.0", "1.1875.1"],
        pins: { "1.3.1": 99_000, "1.1874.3": 12 },
        withdrawn: { "1.20.0": "x" },
      },
    },
    observed: 127_520,
    windowFrom: 120_000,
  }),
  "twelve-each": scenePage({
    engines: {
      pink: { deployments: deployments(12, (at) => at * 90 + 12), pins: { "1.1.0": 3 } },
      wasmtime: { deployments: deployments(12, (at) => at * at * 11) },
      xsnap: { deployments: deployments(12, (at) => at + Math.floor(1.9 ** at)), installed: ["1.1.3", "1.2.0"] },
    },
    observed: 640,
    windowFrom: 300,
  }),
  "no-engines": scenePage({ engines: {}, observed: null }),
  "hostile-names": scenePage({
    engines: {
      "e<vil>&\"'": {
        deployments: [
          ["1.0.0-<b>", 0],
          [HOSTILE_TEXT, 50],
          ["2.0.0", 90],
        ],
        withdrawn: { [HOSTILE_TEXT]: HOSTILE_TEXT },
        pins: { "1.0.0-<b>": [HOSTILE_TEXT, "שלום", "مرحبا", "x".repeat(1024), "😀".repeat(300), "</bdi></code>"] },
      },
    },
    observed: 60,
    unit: "<u>",
    status: {
      home: `/home/${HOSTILE_TEXT}`,
      channel: HOSTILE_TEXT,
      repository: `javascript:alert(1)//${HOSTILE_TEXT}`,
      problems: [{ code: "<b>", message: HOSTILE_TEXT, mend: HOSTILE_TEXT }],
      hold: { at: HOSTILE_TEXT, reason: HOSTILE_TEXT },
    },
    more: { observation: { epoch: 60, at: "2026-01-02T02:52:00Z", from: HOSTILE_TEXT } },
  }),
};
