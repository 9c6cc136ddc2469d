import { EngineryError, isEngineryError } from "../../core/errors.ts";
import { redacted } from "../../core/location.ts";
import type { RefusedBase } from "../../ports/trust.ts";

/**
 * The first base that answers soundly, and what was wrong with those before it. Where none does, the gravest error is thrown:
 * one mirror out of reach must not hide that another one lies.
 */
export async function fromAnyBase<T>(
  bases: readonly string[],
  attempt: (base: string) => Promise<T>,
): Promise<{ readonly value: T; readonly refused: readonly RefusedBase[] }> {
  const failures: { readonly base: string; readonly error: EngineryError }[] = [];
  for (const base of bases) {
    try {
      const value = await attempt(base);
      const refused = failures.map(({ base, error }) => ({ base, code: error.code, message: error.message }));
      return { value, refused };
    } catch (error) {
      if (!isEngineryError(error)) throw error;
      failures.push({ base: redacted(base), error });
    }
  }
  const worst = failures.toSorted((one, other) => gravity(other.error) - gravity(one.error))[0];
  if (worst === undefined) throw new EngineryError("source-refused", "There is no repository to fetch from.");
  const { error, base } = worst;
  throw new EngineryError(error.code, error.message, {
    hint: error.hint,
    context: { ...error.context, base },
    cause: error.cause ?? error,
  });
}

/** Lies before unknown names, unknown names before outages. */
function gravity({ code, exitStatus }: EngineryError): number {
  if (exitStatus === 1) return 4;
  if (exitStatus === 4 || exitStatus === 5) return 3;
  return code === "unknown-channel" ? 2 : exitStatus === 7 ? 0 : 1;
}
