import type { Pin, Quarantine } from "../../core/model/home.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";
import { counted, short } from "./units.ts";

/** Tenants and what they stay on; with what a change did where it was one. */
export function pinsText(
  result: { readonly pins: readonly Pin[]; readonly changed?: number },
  dryRun: boolean,
  paint: Paint,
): string {
  const columns = [{ title: "TENANT" }, { title: "ENGINE" }, { title: "VERSION" }, { title: "TREE" }];
  const rows = result.pins.map((pin) => [pin.tenant, pin.engine, pin.version, short(pin.tree)]);
  const nothing = result.changed === undefined && rows.length === 0 ? "No tenant is pinned.\n" : "";
  const changed =
    result.changed === undefined ? "" : `${counted(result.changed, "pin")} ${dryRun ? "would change" : "changed"}.\n`;
  return `${table(columns, rows, paint)}${nothing}${changed}`;
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
    quarantined.map((each) => [each.engine, each.version, each.at, each.tree, each.reason]),
    paint,
  );
}
