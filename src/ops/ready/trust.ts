import { isEngineryError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { Home } from "../../store/home.ts";
import type { ReadyCheck } from "../operator.ts";
import type { Snapshot } from "../snapshot.ts";
import { believedSet, isVouchedFor, offlineKeeper } from "../trust-state.ts";
import type { World } from "../world.ts";
import { missed, passed } from "./checks.ts";

const DAY_MS = 86_400_000;
/** Days that signed metadata must hold still where nobody says: people must meet to renew root and targets, a machine renews the rest. */
const PEOPLES_DAYS = 7;
const MACHINES_DAYS = 1;
/** What `--allow-expired` takes: never root or targets. */
const MAY_BE_EXPIRED = ["snapshot", "timestamp"];

/** Until when the signed metadata holds. Expiry never stops an engine; it stops the next upgrade. */
export async function trustCheck(world: World, snapshot: Snapshot, days: number | undefined): Promise<ReadyCheck> {
  const { home, newest, manifestBytes } = snapshot;
  const keeper = await offlineKeeper(world);
  try {
    const expiries = keeper.expiries(believedSet(keeper, home, newest));
    if (!isVouchedFor(keeper, home, newest, manifestBytes)) {
      return missed("trust", "No signature of this home vouches for its manifest.", "enginery doctor --fix");
    }
    return expiryCheck(world, snapshot, expiries, days);
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return missed("trust", error.message, error.hint);
  }
}

function expiryCheck(
  world: World,
  { home }: Snapshot,
  expiries: Readonly<Record<string, string>>,
  days: number | undefined,
): ReadyCheck {
  const now = world.clock.now();
  const until = Object.entries(expiries).map(([role, at]) => ({ role, at, left: Date.parse(at) - now }));
  const allowed = until.some(({ left }) => left <= 0) ? allowedExpired(home) : undefined;
  const isExcused = ({ role, at }: { readonly role: string; readonly at: string }) =>
    MAY_BE_EXPIRED.includes(role) && allowed !== undefined && Date.parse(at) <= allowed.at;
  const short = until.filter((one) => !isExcused(one) && one.left < daysFor(one.role, days) * DAY_MS);
  const told = until.map(({ role, at, left }) => `${role} ${left <= 0 ? "expired" : "until"} ${at}`).join(", ");
  const excuse = until.some(isExcused) ? ` Taken with --allow-expired: ${quote(allowed?.reason ?? "")}.` : "";
  if (short.length === 0) return passed("trust", `${told}.${excuse}`);
  const isPeoples = short.some(({ role }) => !MAY_BE_EXPIRED.includes(role));
  const publishers = isPeoples ? "sign root or targets anew" : "refresh the timestamp";
  const or = `Where an upgrade brings nothing newer, the publisher has to ${publishers}.`;
  return missed("trust", `${told}.${excuse} ${or}`, "enginery upgrade");
}

function daysFor(role: string, days: number | undefined): number {
  return days ?? (MAY_BE_EXPIRED.includes(role) ? MACHINES_DAYS : PEOPLES_DAYS);
}

/** The last time that something expired was taken, and what the operator said: it excuses what had expired by then, nothing later. */
function allowedExpired(home: Home): { readonly at: number; readonly reason: string } | undefined {
  for (const { at, detail } of home.ledger.read().toReversed()) {
    const { reasons } = { ...detail };
    const reason = typeof reasons === "object" && reasons !== null ? Reflect.get(reasons, "allow-expired") : undefined;
    if (typeof reason === "string") return { at: Date.parse(at), reason };
  }
  return undefined;
}
