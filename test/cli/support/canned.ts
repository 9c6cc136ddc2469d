import { EngineryError } from "../../../src/core/errors.ts";
import type { Pin, Quarantine } from "../../../src/core/model/home.ts";
import type {
  EmbeddedList,
  InstallResult,
  Operator,
  PruneResult,
  ReadyResult,
  UpgradeResult,
} from "../../../src/ops/operator.ts";
import type { DraftResult, Publisher, SignResult } from "../../../src/ops/publisher.ts";
import { SCENES, scenePage } from "../../support/schedule-scenes.ts";

export interface Asked {
  readonly verb: string;
  readonly request: Readonly<Record<string, unknown>>;
}

const tree = (digit: string) => digit.repeat(64);
const release = (engine: string, version: string) => ({
  engine,
  version,
  platform: "linux-x64",
  tree: tree("a"),
  bytes: 12_900_000,
  path: `/home/x/.local/share/enginery/engines/${engine}/${version}`,
});

export const INSTALLED: InstallResult = {
  generation: 1,
  installed: [release("wasmtime", "36.0.2"), release("xsnap", "0.15.0")],
  failed: [],
  late: [],
  downloadedBytes: 8_400_000,
  deltas: 0,
  ways: [
    { engine: "wasmtime", version: "36.0.2", way: "archive", downloadBytes: 7_000_000 },
    {
      engine: "xsnap",
      version: "0.15.0",
      way: "delta",
      from: { engine: "xsnap", version: "0.14.3" },
      downloadBytes: 1_400_000,
    },
  ],
  changed: true,
  space: { downloadBytes: 8_400_000, unpackedBytes: 25_800_000, reserveBytes: 67_108_864, freeBytes: 512_000_000_000 },
};

const DELTA = { way: "delta", from: { engine: "xsnap", version: "0.15.0" }, downloadBytes: 1_400_000 } as const;

export const UPGRADED: UpgradeResult = {
  ...INSTALLED,
  generation: 4,
  from: 3,
  to: 4,
  manifest: { serial: 7, sha256: tree("7") },
  pruned: [{ engine: "xsnap", version: "0.13.0", bytes: 1_048_576 }],
  withdrawn: [{ engine: "xsnap", version: "0.14.3", reason: "corrupts snapshots" }],
  pinned: [
    {
      engine: "xsnap",
      version: "0.14.3",
      change: "withdrawn",
      reason: "corrupts snapshots",
      tenants: ["v42"],
      count: 1,
    },
  ],
  late: [{ engine: "xsnap", version: "0.15.0", validFrom: 1200, change: "altered" }],
  deltas: 1,
};

const EMBEDDED: EmbeddedList = {
  host: "pe",
  section: { name: ".enginry", offset: 90_112, bytes: 12_906_496 },
  releases: [
    {
      engine: "xsnap",
      version: "0.15.0",
      platform: "linux-x64",
      tree: tree("a"),
      files: 3,
      bytes: 12_900_000,
      entries: [{ name: "*", kind: "executable", path: "bin/xsnap" }],
    },
  ],
};

const EPOCH_OUTCOMES = [
  { name: "file:/a", epoch: 1200 },
  { name: "file:/b", epoch: 1201 },
  { name: "file:/c", problem: "The epoch source file:/c cannot be read: ENOENT." },
] as const;

const INSTALLED_CHECK = {
  name: "installed",
  ok: true,
  detail: "It lies in /home/x/.local/share/enginery/engines/xsnap/0.15.0.",
} as const;

export const READY: ReadyResult = {
  ready: false,
  unit: "session",
  epoch: 1200,
  items: [
    {
      engine: "wasmtime",
      version: "36.0.2",
      why: "selected",
      validFrom: null,
      epochsLeft: 0,
      pins: 0,
      ok: false,
      checks: [
        INSTALLED_CHECK,
        {
          name: "hashes",
          ok: false,
          detail: '"bin/wasmtime" is not as signed: changed. Mend it: enginery verify --repair wasmtime@36.0.2',
          mend: "enginery verify --repair wasmtime@36.0.2",
        },
      ],
    },
    {
      engine: "xsnap",
      version: "0.15.0",
      why: "in-effect",
      validFrom: 1000,
      epochsLeft: 0,
      pins: 2,
      ok: true,
      checks: [
        INSTALLED_CHECK,
        { name: "hashes", ok: true, detail: "3 files, 12.3 MiB, are as signed." },
        { name: "host", ok: true, detail: "bin/xsnap has all that it needs." },
        { name: "probe", ok: true, detail: "1 of 1 entry points were started and are what they are called." },
      ],
    },
    {
      engine: "xsnap",
      version: "0.16.0",
      why: "pending",
      validFrom: 2000,
      epochsLeft: 800,
      pins: 0,
      ok: false,
      checks: [
        {
          name: "installed",
          ok: false,
          detail: "xsnap@0.16.0 is not installed here. Mend it: enginery install xsnap@0.16.0",
          mend: "enginery install xsnap@0.16.0",
        },
      ],
    },
  ],
  home: [
    { name: "epoch", ok: true, detail: "Session 1200 was observed 245 s ago." },
    {
      name: "trust",
      ok: false,
      detail: "timestamp expired 2026-01-01T00:00:00Z. Mend it: enginery upgrade",
      mend: "enginery upgrade",
    },
  ],
};

const pins: readonly Pin[] = [
  {
    format: 1,
    tenant: "v42 of the long name",
    engine: "xsnap",
    version: "0.14.3",
    tree: tree("b"),
    at: "2026-01-02T03:04:05Z",
  },
  { format: 1, tenant: "v7", engine: "wasmtime", version: "36.0.2", tree: tree("a"), at: "2026-01-02T03:04:05Z" },
];
const quarantined: readonly Quarantine[] = [
  {
    format: 1,
    tree: tree("c"),
    engine: "xsnap",
    version: "0.16.0",
    reason: "traps at start",
    at: "2026-01-02T03:04:05Z",
  },
];

const pruned = (dryRun: boolean): PruneResult => ({
  generation: 6,
  removed: [{ engine: "xsnap", version: "0.13.0", bytes: 1_048_576 }],
  kept: [
    {
      engine: "xsnap",
      version: "0.14.3",
      bytes: 2_097_152,
      keptBy: [
        { kind: "pin", tenant: "v42" },
        { kind: "lease", id: "l-1", pid: 4711 },
      ],
    },
    { engine: "xsnap", version: "0.15.0", bytes: 2_097_152, keptBy: [{ kind: "deployment", validFrom: 1000 }] },
  ],
  freedBytes: 1_048_576,
  retiredGenerations: [1, 2],
  ...(dryRun ? { dryRun: true as const } : {}),
});

const draft: DraftResult = { channel: "mainnet", serial: 8, changed: true };
const root = { version: 2, sha256: tree("d") };
const expires = "2031-01-01T00:00:00Z";

export const SIGNED: SignResult = {
  visible: true,
  changed: true,
  channels: [{ channel: "mainnet", serial: 8, manifest: tree("8") }],
  roles: [
    { role: "root", version: 2, expires, have: 2, threshold: 2, before: { have: 2, threshold: 2 } },
    { role: "targets", version: 8, expires, have: 2, threshold: 2 },
  ],
  missing: [],
  added: 2,
  root,
};

/** An Operator whose answers never change; tells `asked` of every call. `over` replaces single methods. */
export function cannedOperator(asked: Asked[], over: Partial<Operator> = {}): Operator {
  const canned: Operator = {
    rootFingerprint: async () => ({ version: 1, sha256: tree("e") }),
    plan: async () => ({ ...INSTALLED, dryRun: true }),
    install: async ({ dryRun }) => ({ ...INSTALLED, ...(dryRun ? { dryRun: true as const } : {}) }),
    upgrade: async ({ dryRun }) => ({ ...UPGRADED, ...(dryRun ? { dryRun: true as const } : {}) }),
    check: async () => ({
      updates: [{ engine: "xsnap", version: "0.16.0", validFrom: 2000, bytes: 4_200_000, ...DELTA }],
      downloadBytes: 1_400_000,
      diskBytes: 4_200_000,
      manifest: { serial: 8, sha256: tree("8") },
      withdrawn: [],
      pinned: [],
    }),
    verify: async ({ repair }) => ({
      ok: repair,
      chain: { lines: 7, from: { line: 3, at: "2026-02-01T10:00:00.000Z" }, sealed: repair ? 1 : 0 },
      checked: { files: 31, bytes: 25_800_000 },
      problems: repair ? [] : [{ engine: "xsnap", version: "0.15.0", path: "bin/xsnap", kind: "changed" }],
      repaired: repair ? [{ engine: "xsnap", version: "0.15.0", path: "bin/xsnap", kind: "changed" }] : [],
    }),
    rollback: async () => ({
      generation: 5,
      restores: 3,
      downloadedBytes: 0,
      lost: [{ engine: "xsnap", version: "0.16.0" }],
      selections: [
        { engine: "hermes", before: "0.12.0", after: null },
        { engine: "wasmtime", before: "36.0.2", after: "35.0.0" },
      ],
    }),
    prune: async ({ dryRun }) => pruned(dryRun),
    list: async () => ({
      generation: 4,
      engines: [
        { ...release("wasmtime", "36.0.2"), validFrom: null, state: "unscheduled", entries: ["wasmtime"] },
        { ...release("xsnap", "0.15.0"), validFrom: 1000, state: "in-effect", entries: ["xsnap"] },
        { ...release("xsnap", "0.16.0"), validFrom: 2000, state: null, entries: ["xsnap"] },
      ],
    }),
    status: async ({ home }) => ({
      home,
      generation: 4,
      channel: "mainnet",
      repository: "https://engines.example",
      manifest: { serial: 7, sha256: tree("7") },
      unit: "session",
      epoch: 1200,
      observedAt: "2026-01-02T03:00:00Z",
      engines: [
        {
          engine: "xsnap",
          inEffect: { version: "0.15.0", validFrom: 1000, installed: true },
          next: { version: "0.16.0", validFrom: 2000, epochsLeft: 800, installed: false },
          selected: null,
          pins: 2,
        },
        { engine: "wasmtime", inEffect: null, next: null, selected: "36.0.2", pins: 0 },
      ],
      disk: { installedBytes: 38_700_000, freeBytes: 512_000_000_000 },
      trust: {
        rootVersion: 2,
        rootSha256: tree("d"),
        expires: { timestamp: "2026-01-01T00:00:00Z", root: "2031-01-01T00:00:00Z" },
        expired: ["timestamp"],
      },
      held: true,
      hold: { at: "2026-01-02T00:00:00Z", until: "2026-01-03T00:00:00Z", reason: "moving the rack" },
      problems: [{ code: "trust-expired", message: "The timestamp has expired." }],
    }),
    schedule: async () => ({
      unit: "session",
      observed: 1200,
      engines: {
        xsnap: [
          { version: "0.14.3", validFrom: 0, state: "superseded", installed: true },
          { version: "0.15.0", validFrom: 1000, state: "in-effect", installed: true },
          { version: "0.16.0", validFrom: 2000, state: "pending", installed: false, withdrawn: "corrupts snapshots" },
        ],
      },
    }),
    ready: async () => READY,
    schedulePage: async () => SCENES["one-engine"] ?? scenePage({ engines: {}, observed: null }),
    which: async ({ engine, epoch }) => ({
      engine,
      version: "0.15.0",
      tree: tree("a"),
      path: `/home/x/.local/share/enginery/engines/${engine}/0.15.0/bin/${engine}`,
      entry: engine,
      epoch: epoch ?? 1200,
      because: "schedule",
      why: ["No tenant was named.", "The schedule has 0.15.0 in effect from 1000 on."],
    }),
    exec: async () => 42,
    use: async () => ({ generation: 5 }),
    pin: async () => ({
      pins,
      changed: 1,
      stays: [{ tenant: "v7", engine: "wasmtime", version: "36.0.2", asked: "24.0.0" }],
    }),
    unpin: async () => ({ pins: [], changed: 1 }),
    pins: async () => ({ pins }),
    observe: async (request) =>
      "epoch" in request
        ? { epoch: request.epoch, before: 1100, changed: true, from: "observe" }
        : { epoch: 1200, before: 1100, changed: true, from: "file:/a, file:/b", sources: EPOCH_OUTCOMES },
    watch: async ({ once }) => ({
      ended: once ? "once" : "stopped",
      epoch: 1200,
      generation: 4,
      alarms: [
        {
          alarm: "next-not-installed xsnap@0.16.0",
          kind: "next-not-installed",
          status: "firing",
          engine: "xsnap",
          version: "0.16.0",
          epochsLeft: 2,
          secondsLeft: 43_200,
          message: "xsnap@0.16.0, in effect from session 1202 on, is not installed here.",
          mend: "enginery install xsnap@0.16.0",
          since: "2026-01-02T03:00:00Z",
          told: 2,
          epoch: 1200,
        },
      ],
    }),
    hold: async ({ until, reason }) => ({
      hold: {
        at: "2026-01-02T03:04:05Z",
        ...(until ? { until: "2026-01-03T03:04:05Z" } : {}),
        ...(reason ? { reason } : {}),
      },
      before: null,
      changed: true,
    }),
    unhold: async () => ({ hold: null, before: { at: "2026-01-01T00:00:00Z", untilEpoch: 1300 }, changed: true }),
    history: async () => ({
      generations: [
        {
          number: 3,
          cause: "install",
          at: "2026-01-01T00:00:00Z",
          manifest: { serial: 6, sha256: tree("6") },
          installations: 2,
          releases: [
            { engine: "xsnap", version: "0.14.0", tree: tree("a") },
            { engine: "xsnap", version: "0.15.0", tree: tree("b") },
          ],
          newest: false,
        },
        {
          number: 4,
          cause: "rollback",
          at: "2026-01-02T00:00:00Z",
          manifest: { serial: 7, sha256: tree("7") },
          restores: 3,
          reasons: { force: "meant" },
          installations: 2,
          releases: [
            { engine: "xsnap", version: "0.14.0", tree: tree("a") },
            { engine: "xsnap", version: "0.15.0", tree: tree("b") },
          ],
          newest: true,
        },
      ],
      inEffect: [
        { engine: "xsnap", version: "0.14.0", tree: tree("a"), validFrom: 0, lastEpoch: 1999, installed: true },
        { engine: "xsnap", version: "0.16.0", tree: null, validFrom: 2000, lastEpoch: null, installed: false },
      ],
      work: [
        {
          at: "2026-01-01T01:00:00Z",
          engine: "xsnap",
          version: "0.14.0",
          tree: tree("a"),
          epoch: 1199,
          by: "ran",
          runs: 12,
          until: "2026-01-01T09:00:00Z",
        },
        {
          at: "2026-01-02T01:00:00Z",
          engine: "xsnap",
          version: "0.14.0",
          tree: tree("a"),
          epoch: 1200,
          tenant: "v42",
          because: "schedule",
          by: "exec",
        },
      ],
      ledger: [{ at: "2026-01-02T00:00:00Z", operation: tree("f").slice(0, 32), verb: "rollback", from: 3, to: 4 }],
    }),
    exportLedger: async ({ to }) => ({
      lines: 2,
      bytes: 12,
      ...(to === undefined ? { content: new TextEncoder().encode("first\nlast\n") } : { to }),
    }),
    doctor: async ({ fix }) => ({
      ok: fix,
      findings: [
        { code: "clock", severity: "ok", message: "The clock is sound." },
        {
          code: "permission",
          severity: "error",
          message: "The home can be written by all.",
          mend: "chmod 0755",
          ...(fix ? { fixed: true as const } : {}),
        },
      ],
    }),
    installService: async ({ manager, folder }) => ({
      manager,
      files: [{ path: `${folder}/enginery-watch.service`, found: "absent" }],
      written: [
        { path: `${folder}/enginery-watch.service`, text: "[Unit]\nDescription=Enginery follows the network\n" },
      ],
      next: ["systemctl daemon-reload", "systemctl enable --now enginery-watch.service"],
    }),
    serviceStatus: async ({ manager, folder }) => ({
      manager,
      files: [
        { path: `${folder}/enginery-watch.service`, found: "same" },
        { path: `${folder}/enginery-stage.service`, found: "outdated" },
        { path: `${folder}/enginery-stage.timer`, found: "changed" },
      ],
    }),
    removeService: async ({ manager, folder }) => ({
      manager,
      removed: [`${folder}/enginery-watch.service`],
      kept: [{ path: `${folder}/enginery-stage.timer`, why: "changed" }],
      next: ["systemctl --user daemon-reload"],
    }),
    embed: async ({ to }) => ({ ...EMBEDDED, path: to, sha256: tree("6"), signatureRemoved: true }),
    listEmbedded: async () => EMBEDDED,
    verifyEmbedded: async () => ({
      ok: false,
      checked: { files: 3, bytes: 12_900_000 },
      releases: [{ engine: "xsnap", version: "0.15.0", platform: "linux-x64", tree: tree("a"), promised: "other" }],
      problems: [
        { engine: "xsnap", version: "0.15.0", path: "", kind: "other" },
        { engine: "xsnap", version: "0.15.0", path: "bin/xsnap", kind: "changed" },
      ],
    }),
    extractEmbedded: async ({ to }) => ({
      extracted: EMBEDDED.releases.map((each) => ({ ...each, path: `${to}/xsnap/0.15.0` })),
    }),
    quarantine: async ({ lift }) => ({ quarantined: lift === undefined ? quarantined : [] }),
    selfUpdate: async ({ dryRun, check }) => ({
      from: "0.1.0",
      to: "0.2.0",
      offered: "0.2.0",
      path: `/home/x/.local/share/enginery-self/home/engines/enginery/${check ? "0.1.0" : "0.2.0"}/enginery`,
      changed: true,
      downloadedBytes: dryRun || check ? 0 : 31_400_000,
      ...(dryRun ? { dryRun: true as const } : {}),
    }),
    names: async ({ kind }) => (kind === "tenant" ? ["v42", "para chain: 7"] : ["wasmtime@36.0.2", "xsnap@0.15.0"]),
    uninstall: async ({ dryRun, purge, home }) => ({
      removed: [
        { kind: "self", path: "/home/x/.local/share/enginery-self" },
        { kind: "link", path: "/home/x/.local/bin/enginery" },
      ],
      kept: [{ kind: "file", path: "/home/x/.config/enginery/env", why: "was changed since it was made" }],
      home: purge ? { path: home, freedBytes: dryRun ? 0 : 25_800_000 } : null,
      ...(dryRun ? { dryRun: true as const } : {}),
    }),
  };
  return recording({ ...canned, ...over }, asked);
}

export function cannedPublisher(asked: Asked[], over: Partial<Publisher> = {}): Publisher {
  const key = {
    roles: ["root", "targets"] as const,
    keyid: tree("9"),
    name: "alice",
    path: "/keys/alice.pem",
    encrypted: true,
  };
  const canned: Publisher = {
    init: async ({ channel }) => ({
      root: { version: 1, sha256: tree("d"), path: "/repo/metadata/1.root.json" },
      channel,
      threshold: 2,
      keys: [key, { ...key, keyid: tree("8"), name: "bob", path: "/keys/bob.pem", encrypted: false }],
    }),
    add: async ({ engine, version, platform }) => ({
      ...draft,
      engine,
      version,
      platform,
      tree: tree("a"),
      files: 3,
      unpackedBytes: 12_900_000,
      archive: { sha256: tree("5"), bytes: 4_200_000, source: "npm:xsnap@0.15.0" },
      entries: ["xsnap"],
      deltas: [{ version: "0.14.3", from: tree("d"), sha256: tree("f"), bytes: 1_400_000 }],
    }),
    deploy: async () => draft,
    retire: async () => draft,
    withdraw: async () => draft,
    rules: async () => ({ ...draft, changed: false }),
    sign: async () => SIGNED,
    rotateRoot: async () => ({ root: { version: 3 }, threshold: 2, keys: [key], added: ["carol"], removed: ["bob"] }),
    refreshTimestamp: async () => ({
      ...SIGNED,
      roles: [{ role: "timestamp", version: 9, expires, have: 1, threshold: 1 }],
      added: 1,
    }),
    verify: async () => ({
      ok: false,
      checked: { files: 12, bytes: 9_000_000 },
      channels: [{ channel: "mainnet", serial: 8, manifest: tree("8") }],
      root,
      expires: { timestamp: expires },
      problems: [{ path: "archives/5.tar.zst", code: "hash-mismatch", message: "The archive is not what was signed." }],
    }),
    export: async ({ to }) => ({
      channel: "mainnet",
      serial: 8,
      manifest: tree("8"),
      root,
      file: { path: to, sha256: tree("6"), bytes: 21_000_000 },
      folder: "mainnet-8",
      releases: [
        {
          engine: "xsnap",
          version: "0.15.0",
          platform: "linux-x64",
          tree: tree("a"),
          files: 3,
          unpackedBytes: 12_900_000,
        },
      ],
      left: [{ engine: "xsnap", version: "0.14.3", reason: "corrupts snapshots" }],
    }),
    prune: async () => ({
      removed: [{ path: "archives/1.tar.zst", bytes: 4_200_000 }],
      freedBytes: 4_200_000,
      kept: { files: 11, bytes: 8_000_000 },
    }),
  };
  return recording({ ...canned, ...over }, asked);
}

export const failing =
  (code: ConstructorParameters<typeof EngineryError>[0], message: string, context = {}) =>
  async () => {
    throw new EngineryError(code, message, { context });
  };

function recording<Face extends object>(face: Face, asked: Asked[]): Face {
  return new Proxy(face, {
    get: (own, verb) => {
      const method: unknown = Reflect.get(own, verb);
      if (typeof method !== "function" || typeof verb !== "string") return method;
      return (request: Asked["request"]) => {
        asked.push({ verb, request });
        return method(request);
      };
    },
  });
}
