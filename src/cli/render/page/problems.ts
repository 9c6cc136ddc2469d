import type { StandingProblem, StatusResult } from "../../../ops/operator.ts";
import { type Markup, markup, shown } from "../markup.ts";
import { counted } from "../units.ts";
import { foreign, section } from "./text.ts";

const MOST = 40;
/** Told, and nothing that somebody must mend now. */
const MILD = new Set(["expires-soon", "release-quarantined", "late-change"]);

/** What `status` tells, each with what mends it. */
export function problemsSection({ problems }: StatusResult): Markup {
  if (problems.length === 0) return markup``;
  const rest = problems.length - MOST;
  return section(
    "problems",
    counted(problems.length, "problem"),
    markup`<ul class="problems">${problems.slice(0, MOST).map(problem)}</ul>${
      rest > 0 ? markup`<p class="rest">${`and ${rest} more`}: <code>enginery status</code></p>` : ""
    }`,
  );
}

/** One word on how things stand. */
export function verdict({ problems }: StatusResult): Markup {
  if (problems.length === 0) return markup`<p class="verdict good">No problem is known</p>`;
  const tone = problems.every(({ code }) => MILD.has(code)) ? "warn" : "bad";
  return markup`<p class="verdict ${tone}"><a href="#problems">${counted(problems.length, "problem")}</a></p>`;
}

function problem({ code, message, mend }: StandingProblem): Markup {
  const { said, command } = parted(message, mend);
  return markup`<li class="${MILD.has(code) ? "warn" : "bad"}"><span class="code">${shown(code, 60)}</span><p>${foreign(said, 600)}</p>${
    command === undefined ? "" : markup`<p class="mend"><span>Mend it:</span> <code>${shown(command, 300)}</code></p>`
  }</li>`;
}

/** A message ends with what mends it; here that stands by itself. */
function parted(
  message: string,
  mend: string | undefined,
): { readonly said: string; readonly command: string | undefined } {
  if (mend === undefined || !message.endsWith(mend)) return { said: message, command: mend };
  const said = message.slice(0, -mend.length).replace(/[: ]+$/, "");
  if (said === "") return { said: message, command: undefined };
  return { said: /[.!?]$/.test(said) ? said : `${said}.`, command: /enginery .+$/.exec(mend)?.[0] ?? mend };
}
