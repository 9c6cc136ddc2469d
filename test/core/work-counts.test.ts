import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment, Manifest } from "../../src/core/model/manifest.ts";
import { neededReleases } from "../../src/core/needed-releases.ts";
import { checkTransition, lateChanges } from "../../src/core/transition.ts";
import { wantedReleases } from "../../src/core/wanted.ts";
import { engineOf, manifestOf, NO_RULES, type Row } from "./support/samples.ts";

const rows = (count: number, first = 0): readonly Row[] =>
  Array.from({ length: count }, (_, at): Row => [`${first + at + 1}.0.0`, (first + at) * 10]);

/** How often `ask` looks at a deployment, of so many. */
function looks(manifest: Manifest, ask: (counted: Manifest) => unknown): number {
  let count = 0;
  const counted = Object.fromEntries(
    Object.entries(manifest.engines).map(([name, engine]) => {
      const deployments = new Proxy([...engine.deployments], {
        get: (list: Deployment[], member, receiver) => {
          if (typeof member === "string" && /^\d+$/.test(member)) count += 1;
          return Reflect.get(list, member, receiver);
        },
      });
      return [name, { ...engine, deployments }];
    }),
  );
  ask({ ...manifest, engines: counted });
  return count;
}

/** Twice the deployments are at most twice the looks, and a tenth for what does not grow as they do: sorting. */
function growsAsTheList(ask: (counted: Manifest) => unknown, of: (count: number) => Manifest): void {
  const [few, many] = [400, 800].map((count) => looks(of(count), ask));
  assert.ok((few ?? 0) > 0 && (many ?? 0) <= 2.2 * (few ?? 0), `${few} looks, and ${many} of twice as many`);
}

const scheduled = (count: number) => manifestOf({ xs: engineOf(rows(count)) });

test("what work may ask for is found in as many looks as there are deployments", () => {
  const newest = { installations: [], selections: {} } as unknown as Parameters<typeof neededReleases>[0]["newest"];
  const policy = { keepGenerations: 1 };
  for (const epoch of [undefined, 0]) {
    growsAsTheList(
      (manifest) => neededReleases({ newest, manifest, pins: [], epoch, policy, windowIsSaid: false }),
      scheduled,
    );
  }
});

test("so is what is to be there, however many are due within the lead", () => {
  const asked = {
    platform: "linux-x64",
    names: [],
    installed: [],
    pins: [],
    selections: {},
    quarantined: new Set<string>(),
  };
  growsAsTheList((manifest) => wantedReleases({ ...asked, manifest, epoch: 5, leadEpochs: 100_000 }), scheduled);
});

test("so are the changes of a manifest that moves what is pending, or retires what is superseded", () => {
  const rules = { rules: { ...NO_RULES, alterPending: "allow" } } as const;
  const moved = (count: number) => rows(count).map(([version, from]): Row => [version, from === 0 ? 0 : from + 1]);
  const retired = (count: number) => rows(count / 2, count / 2);
  for (const [after, epoch] of [
    [moved, 5],
    [retired, 1_000_000],
  ] as const) {
    const next = (count: number) =>
      manifestOf({ xs: engineOf(after(count), rules) }, { serial: 2, publishedEpoch: epoch });
    const before = (count: number) => manifestOf({ xs: engineOf(rows(count), rules) });
    growsAsTheList(
      (manifest) => {
        const size = Number(manifest.unit);
        checkTransition(manifest, next(size), epoch);
        lateChanges(manifest, next(size), epoch);
      },
      (count) => ({ ...before(count), unit: `${count}` }),
    );
    growsAsTheList(
      (manifest) => {
        const size = Number(manifest.unit);
        checkTransition(before(size), manifest, epoch);
        lateChanges(before(size), manifest, epoch);
      },
      (count) => ({ ...next(count), unit: `${count}` }),
    );
  }
});
