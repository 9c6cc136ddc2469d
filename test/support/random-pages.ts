import fc from "fast-check";
import type { SchedulePage } from "../../src/ops/answers.ts";
import { HOSTILE_TEXT, type SceneEngine, scenePage } from "./schedule-scenes.ts";

/** Anything that a home could hold by mistake or by malice; the parsers of core let less through. */
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.constant(HOSTILE_TEXT));

const near = fc.nat({ max: 200 });
const far = fc.maxSafeNat();
const epochs = (most: number) =>
  fc
    .uniqueArray(fc.oneof(near, near, fc.nat({ max: 1_000_000 }), far), { maxLength: most })
    .map((list) => list.toSorted((one, other) => one - other));

const engine = (most: number, hostile: boolean): fc.Arbitrary<SceneEngine> =>
  fc
    .record({
      begins: epochs(most),
      suffix: hostile ? anyText : fc.constantFrom("", "", "-rc.1", "-u16.1", "-nightly.20260102.7f3c2a1d"),
      missing: fc.array(fc.nat({ max: most }), { maxLength: 4 }),
      withdrawn: fc.array(fc.tuple(fc.nat({ max: most }), anyText), { maxLength: 3 }),
      pins: fc.array(
        fc.tuple(fc.nat({ max: most }), fc.oneof(fc.nat({ max: 100_000 }), fc.array(anyText, { maxLength: 3 }))),
        {
          maxLength: 5,
        },
      ),
      selected: fc.option(fc.constantFrom("7.0.0", "8.0.0-beta"), { nil: undefined }),
    })
    .map(({ begins, suffix, missing, withdrawn, pins, selected }): SceneEngine => {
      const versions = begins.map((_, at) => `1.${at}.0${suffix}`);
      const named = <Value>(rows: readonly (readonly [number, Value])[]) =>
        Object.fromEntries(rows.flatMap(([at, value]) => (versions[at] === undefined ? [] : [[versions[at], value]])));
      return {
        deployments: begins.map((validFrom, at) => [versions[at] ?? "", validFrom] as const),
        installed: versions.filter((_, at) => !missing.includes(at)),
        withdrawn: named(withdrawn),
        pins: named(pins),
        ...(selected === undefined ? {} : { selected }),
      };
    });

/** Pages of up to `engines` engines with up to `most` deployments each. */
export function randomPages(engines: number, most: number, hostile: boolean): fc.Arbitrary<SchedulePage> {
  const name = hostile ? anyText : fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/);
  return fc
    .record({
      engines: fc.dictionary(name, engine(most, hostile), { maxKeys: engines }),
      observed: fc.option(fc.oneof(near, fc.nat({ max: 1_000_000 }), far)),
      unit: hostile ? anyText : fc.constantFrom("epoch", "session", "height"),
      window: fc.option(fc.nat({ max: 1_000_000 }), { nil: undefined }),
      said: hostile ? anyText : fc.constant("mainnet"),
    })
    .map(({ engines: found, observed, unit, window, said }) =>
      scenePage({
        engines: found,
        observed,
        unit,
        ...(window === undefined || observed === null ? {} : { windowFrom: Math.max(0, observed - window) }),
        status: { channel: said, home: said, repository: said, problems: [{ code: said, message: said, mend: said }] },
      }),
    );
}
