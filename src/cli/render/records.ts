import type { Pin, Quarantine } from "../../core/model/home.ts";
import type { PinResult } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { table } from "./table.ts";
import { counted, short } from "./units.ts";

/** More than a person reads of what a file of pins did; `--json` has them all. */
const SHOWN = 20;

/** Tenants and what they stay on. */
export function pinsText(pins: readonly Pin[], paint: Paint): string {
  return pins.length === 0 ? "No tenant is pinned.\n" : pinTable(pins, paint);
}

/** What `pin` or `unpin` did: the first pins, who stays where they are, and how many changed. */
export function changedPinsText({ pins, changed, stays = [] }: PinResult, dryRun: boolean, paint: Paint): string {
  const more = pins.length > SHOWN ? `  and ${pins.length - SHOWN} more\n` : "";
  const kept = stays.slice(0, SHOWN).map(({ tenant, engine, version, asked }) => {
    return `${printable(tenant)} stays on ${engine}@${version}: ${asked} is older (--force REASON goes back).\n`;
  });
  const moreKept = stays.length > SHOWN ? `${counted(stays.length - SHOWN, "tenant")} more stay likewise.\n` : "";
  const done = `${counted(changed, "pin")} ${dryRun ? "would change" : "changed"}.\n`;
  const last = changed === 0 ? `Nothing ${dryRun ? "would change" : "changed"}.\n` : done;
  return `${pinTable(pins.slice(0, SHOWN), paint)}${more}${kept.join("")}${moreKept}${last}`;
}

function pinTable(pins: readonly Pin[], paint: Paint): string {
  const columns = [{ title: "TENANT" }, { title: "ENGINE" }, { title: "VERSION" }, { title: "TREE" }];
  return table(
    columns,
    pins.map((pin) => [pin.tenant, pin.engine, pin.version, short(pin.tree)]),
    paint,
  );
}

/** Trees in full: `quarantine lift` wants them so. */
export function quarantineText(quarantined: readonly Quarantine[], paint: Paint): string {
  if (quarantined.length === 0) return "Nothing is in quarantine.\n";
  const columns = [
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "SINCE" },
    { title: "TREE" },
    { title: "REASON" },
  ];
  return table(
    columns,
    quarantined.map((each) => {
      const until = each.host === undefined ? "" : " (as long as this host stays as it is)";
      return [each.engine, each.version, each.at, each.tree, `${each.reason}${until}`];
    }),
    paint,
  );
}
