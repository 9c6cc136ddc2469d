import type { StatusResult } from "../../../ops/operator.ts";
import { type Markup, markup, shown } from "../markup.ts";
import { counted } from "../units.ts";
import { instant, meter, section } from "./text.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 7;
/** A bar is full at this many days. */
const FULL_DAYS = 90;

/** Until when each role's signatures hold. `now` in milliseconds since 1970. */
export function trustSection({ trust }: StatusResult, now: number): Markup {
  const roles = Object.entries(trust.expires);
  if (roles.length === 0) {
    return section("trust", "Trust", markup`<p class="badge bad">The trust set cannot be read: enginery doctor</p>`);
  }
  const rows = roles
    .toSorted(([, one], [, other]) => Date.parse(one) - Date.parse(other))
    .map(([role, at]) => roleRow(role, at, trust.expired.includes(role), now));
  return section(
    "trust",
    "Trust",
    markup`<div class="table"><table>
<caption>Until when signatures hold</caption>
<thead><tr><th scope="col">Role</th><th scope="col">Left</th><th scope="col" class="gauge"><span class="unseen">As a bar</span></th><th scope="col">Expires</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`,
  );
}

function roleRow(role: string, at: string, isExpired: boolean, now: number): Markup {
  const days = (Date.parse(at) - now) / DAY_MS;
  const tone = isExpired || days <= 0 ? "bad" : days < SOON_DAYS ? "warn" : "good";
  return markup`<tr class="${tone}"><th scope="row">${shown(role, 40)}</th><td>${leftWords(days, tone === "bad")}</td><td class="gauge">${meter(days, FULL_DAYS, tone)}</td><td>${instant(at)}</td></tr>
`;
}

function leftWords(days: number, isExpired: boolean): string {
  const whole = Math.floor(Math.abs(days));
  if (isExpired) return whole === 0 ? "expired today" : `expired ${counted(whole, "day")} ago`;
  return whole === 0 ? "less than a day" : counted(whole, "day");
}
