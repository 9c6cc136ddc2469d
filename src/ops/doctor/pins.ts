import type { Pin } from "../../core/model/home.ts";
import type { Home } from "../../store/home.ts";
import type { Finding } from "../operator.ts";
import { type Examination, orNone } from "./examination.ts";
import { bad, mended } from "./findings.ts";

/** What a pin said is in the ledger; one of which nothing is known stays as it is, for its tenant must not move unasked. */
export function pinFindings({ home, fix }: Examination): readonly Finding[] {
  const { damaged } = home.pins.survey();
  if (damaged.length === 0) return [];
  const known = new Map(ledgerPins(home).map((pin) => [home.pins.path(pin.tenant, pin.engine), pin]));
  return damaged.map(({ path, error }) => {
    const pin = known.get(path);
    if (pin === undefined) {
      const mend = `Pin that tenant again (enginery pin TENANT ENGINE@VERSION), or let it go: rm ${path}`;
      return bad(error.code, error.message, mend);
    }
    const { tenant, engine, version } = pin;
    if (!fix)
      return bad(error.code, `${error.message} It pinned ${tenant} to ${engine}@${version}.`, "enginery doctor --fix");
    home.pins.put(pin);
    return mended(
      error.code,
      `The pin of ${tenant} to ${engine}@${version} was damaged; the ledger told what it said.`,
    );
  });
}

/** As the ledger's lines leave them. */
function ledgerPins(home: Home): readonly Pin[] {
  const pins = new Map<string, Pin>();
  for (const { verb, at, detail } of orNone(() => home.ledger.read()) ?? []) {
    if (verb !== "pin" && verb !== "unpin") continue;
    for (const { tenant, engine, version, tree } of rowsOf({ ...detail })) {
      if (typeof tenant !== "string" || typeof engine !== "string") continue;
      const key = `${tenant}\0${engine}`;
      if (verb === "unpin") pins.delete(key);
      else if (typeof version === "string" && typeof tree === "string") {
        pins.set(key, { format: 1, tenant, engine, version, tree, at });
      }
    }
  }
  return [...pins.values()];
}

type Row = Readonly<Record<string, unknown>>;

/** One pin, or a batch: `releases`, each with its `tenants`. */
function rowsOf(detail: Row): readonly Row[] {
  const { releases } = detail;
  if (!Array.isArray(releases)) return [detail];
  return releases.flatMap((release: Row) => {
    const { tenants } = { ...release };
    return Array.isArray(tenants) ? tenants.map((tenant: unknown): Row => ({ ...release, tenant })) : [];
  });
}
