import type {
  EmbeddedList,
  EmbedResult,
  ExtractResult,
  ListedEmbedded,
  VerifyEmbeddedResult,
} from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { table } from "./table.ts";
import { bytes, counted, short } from "./units.ts";

const COLUMNS = [
  { title: "ENGINE" },
  { title: "VERSION" },
  { title: "PLATFORM" },
  { title: "TREE" },
  { title: "FILES", right: true as const },
  { title: "SIZE", right: true as const },
];

export function embedText(result: EmbedResult, paint: Paint): string {
  const path = printable(result.path);
  const written =
    result.sha256 === null
      ? `Would write ${path}; nothing was written.\n`
      : `Wrote ${path}, sha256 ${result.sha256}.\n`;
  const sign = result.signatureRemoved
    ? `${paint.alarm("Unsigned")}  The host's signature would not hold: sign the new file.\n`
    : "";
  return `${embeddedText(result, paint)}${sign}${written}`;
}

export function embeddedText({ host, section, releases }: EmbeddedList, paint: Paint): string {
  const where = `${host}, section ${section.name}, ${bytes(section.bytes)} at ${section.offset}`;
  return `${table(COLUMNS, releases.map(rowOf), paint)}${where}.\n`;
}

export function verifiedEmbeddedText(result: VerifyEmbeddedResult, paint: Paint): string {
  const says = {
    same: "as the channel promises",
    other: "NOT what the channel promises",
    unknown: "unknown to the channel",
  };
  const releases = result.releases.map(({ engine, version, platform, tree, promised }) => {
    const known = promised === null ? "no home here to ask" : says[promised];
    return `${engine} ${version} ${platform}  tree ${tree}  ${known}\n`;
  });
  const problems = result.problems.map(
    ({ engine, version, path, kind }) => `${paint.bad("Problem")}  ${engine} ${version}  ${kind}  ${printable(path)}\n`,
  );
  const checked = `Checked ${counted(result.checked.files, "file")}, ${bytes(result.checked.bytes)}`;
  const verdict = result.ok ? paint.good("sound") : paint.bad(counted(result.problems.length, "problem"));
  return `${releases.join("")}${problems.join("")}${checked}: ${verdict}.\n`;
}

export function extractText({ extracted }: ExtractResult, dryRun: boolean, paint: Paint): string {
  const places = extracted.map(
    ({ path }) => `${paint.good(dryRun ? "Would lay out" : "Laid out")}  ${printable(path)}\n`,
  );
  return `${table(COLUMNS, extracted.map(rowOf), paint)}${places.join("")}`;
}

function rowOf(each: ListedEmbedded): string[] {
  return [each.engine, each.version, each.platform, short(each.tree), String(each.files), bytes(each.bytes)];
}
