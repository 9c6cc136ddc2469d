import { type Markup, markup } from "../markup.ts";

/** What tells the bars apart without colours. Names begin with `prefix`: a page may hold several pictures. */
export function patterns(prefix: string): Markup {
  return markup`<defs>
<pattern id="${prefix}superseded" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="line-superseded" d="M0 0V7" /></pattern>
<pattern id="${prefix}pending" width="8" height="8" patternUnits="userSpaceOnUse"><circle class="dot-pending" cx="4" cy="4" r="1" /></pattern>
<pattern id="${prefix}unknown" width="10" height="10" patternUnits="userSpaceOnUse"><path class="line-unknown" d="M5 0V10" /></pattern>
<pattern id="${prefix}selected" width="6" height="6" patternUnits="userSpaceOnUse"><path class="line-selected" d="M0 3H6" /></pattern>
<pattern id="${prefix}withdrawn" width="9" height="9" patternUnits="userSpaceOnUse"><path class="line-withdrawn" d="M0 0L9 9M9 0L0 9" /></pattern>
</defs>`;
}
