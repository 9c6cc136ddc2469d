import { readFileSync } from "node:fs";

/** Three that npm carries with their C sources; the order of semver is the order they were published in. */
export const XSNAP_VERSIONS = ["0.14.3-u16.1", "0.14.3-upgrade-16a-dev-fb592e4.0", "0.15.0"] as const;
/** What npm carries is all of XS 13.3: the sources of the last, built as XS 14.0, are a worker that reads only its own snapshots. */
export const XSNAP_OTHER_XS = "0.16.0-xs14";
export const HERMES_VERSIONS = ["0.1.1", "0.2.1", "0.3.0", "0.4.0"] as const;

/** The npm release that carries a Wasmtime linked to the host's glibc; it calls itself `wizer`. */
export const WIZER_VERSION = "9.0.0";

/** A library that npm carries and that needs glibc 2.38, newer than that of Debian 12. */
export const FUZZER_VERSION = "4.0.0";

/** Where an engine's executable is, or why there is none. */
export type Prepared = { readonly path: string } | { readonly missing: string };

export interface Engines {
  readonly xsnap: Readonly<Record<string, Prepared>>;
  readonly xsnapOtherXs: Prepared;
  readonly hermes: Readonly<Record<string, Prepared>>;
  readonly wizer: Prepared;
  readonly fuzzer: Prepared;
  /** Whether npm answers here. */
  readonly npm: Prepared;
}

/** What scripts/engines.ts or scripts/systems.ts prepared. */
export function preparedEngines(): Engines {
  const list = process.env["ENGINERY_TEST_ENGINES"];
  if (list === undefined) throw new Error("Run this through `npm run test:engines` or `npm run test:systems`.");
  return JSON.parse(readFileSync(list, "utf8")) as Engines;
}

/** The reason to skip what needs all of `engines`; false: all are there. */
export function reasonToSkip(...engines: readonly (Prepared | undefined)[]): string | false {
  for (const engine of engines) {
    if (engine === undefined) return "not prepared";
    if ("missing" in engine) return engine.missing;
  }
  return false;
}

export function pathOf(engine: Prepared | undefined): string {
  if (engine === undefined || "missing" in engine) throw new Error("This case was to be skipped.");
  return engine.path;
}
