import type { Finding } from "../operator.ts";
import { type Examination, orNone } from "./examination.ts";
import { bad, mended } from "./findings.ts";

/** VERSION and the inner folders. */
export function foundationFindings(examination: Examination): readonly Finding[] {
  return [...versionFindings(examination), ...folderFindings(examination)];
}

/** A generation that this Enginery can read proves its layout. */
function versionFindings({ home, fix, versionProblem }: Examination): readonly Finding[] {
  if (versionProblem === undefined) return [];
  const { code, message } = versionProblem;
  const readable = home.generations.numbers().some((number) => orNone(() => home.generations.read(number)));
  if (!readable) {
    return [
      bad(
        code,
        message,
        "No generation can be read that would prove the layout; write 1 and a line end into VERSION if it was 1.",
      ),
    ];
  }
  if (!fix) return [bad(code, message, "enginery doctor --fix")];
  home.foundation.writeVersion();
  return [mended(code, message)];
}

function folderFindings({ home, fix }: Examination): readonly Finding[] {
  const problems = home.foundation.problems();
  const inTheWay = problems.filter(({ kind }) => kind !== "missing");
  const findings = inTheWay.map(({ path, kind }) =>
    bad(
      "home-damaged",
      kind === "link" ? `${path} is a link, which the home never holds.` : `${path} is no folder.`,
      `Look what it is, then: rm ${path} && enginery doctor --fix`,
    ),
  );
  const missing = problems.filter(({ kind }) => kind === "missing").map(({ path }) => path);
  if (missing.length === 0) return findings;
  const message = `Folders of the home are missing: ${missing.join(", ")}.`;
  if (!fix) return [...findings, bad("home-damaged", message, "enginery doctor --fix")];
  if (inTheWay.length === 0) home.foundation.lay();
  return [
    ...findings,
    inTheWay.length === 0 ? mended("home-damaged", message) : bad("home-damaged", message, "enginery doctor --fix"),
  ];
}
