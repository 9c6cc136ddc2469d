import type { HostAbilities, Program } from "../model/program.ts";
import { quote } from "../quote.ts";

/** One thing that a file of a release needs and this host has not. */
export interface Lack {
  /**
   * `certain`: it cannot run here. `likely`: it will not start, unless something that cannot be seen from here helps it; a probe that passes
   * says that it does. `unclear`: it cannot be told from the file.
   */
  readonly weight: "certain" | "likely" | "unclear";
  /** Who can mend it: this host changes, the release's bytes do not. */
  readonly blame: "host" | "release";
  /** A sentence without its end: the file, what it needs, what there is. */
  readonly message: string;
  /** A sentence. */
  readonly mend: string;
}

export interface LackQuestion {
  /** Absolute folder of the release. */
  readonly folder: string;
  /** Of the file, within the folder. */
  readonly path: string;
  /** This host's. */
  readonly platform: string;
  readonly host: HostAbilities;
  /** Undefined where there is no file of that path. */
  readonly read: (path: string) => Program | undefined;
}

/** The kernel starts it, and nothing else. */
export function loaderLacks(question: LackQuestion, loader: string, what: string): readonly Lack[] {
  if (!loader.startsWith("/") || question.read(loader) !== undefined) return [];
  return [
    {
      weight: "certain",
      blame: "host",
      message: `${question.path} needs ${what} ${shown(loader)}, which is not on this host`,
      mend: `Install it on this host, or ask the publisher for a build for ${question.platform}.`,
    },
  ];
}

/** Built for something else than what it was published for. */
export function otherBuild({ platform }: LackQuestion, message: string): Lack {
  return { weight: "certain", blame: "release", message, mend: `Ask the publisher for a build for ${platform}.` };
}

export function unreadLacks({ path }: LackQuestion, unread: string | undefined): readonly Lack[] {
  if (unread === undefined) return [];
  const message = `${path} ${unread}: what it needs cannot be told`;
  return [
    { weight: "unclear", blame: "release", message, mend: "Ask the publisher whether the file is as it should be." },
  ];
}

export function missingLibrary(file: string, library: string): Lack {
  return {
    weight: "likely",
    blame: "host",
    message: `${file} needs the library ${shown(library)}, which is not on this host`,
    mend: `Install ${shown(library)} on this host.`,
  };
}

/** A name out of a foreign file: as it is where nothing of it could mislead. */
export function shown(name: string): string {
  return /^[\w.+@/-]{1,200}$/.test(name) ? name : quote(name);
}

/** Below zero where `have` is older than `need`; as many numbers count as `need` has. */
export function compareNumbers(have: readonly number[], need: readonly number[]): number {
  for (const [place, number] of need.entries()) {
    const difference = (have[place] ?? 0) - number;
    if (difference !== 0) return difference;
  }
  return 0;
}
