/** With the zero at its end. */
const MOST = 260;

/**
 * Whether Windows finds `path`, absolute, only where it is asked in the long form (`\\?\`). `cmd` never asks so, and other programs may not:
 * what is left out is what some hosts allow by a setting, as nobody can count on it.
 */
export function isLongOnWindows(path: string): boolean {
  return path.length >= MOST;
}

/** What to do about such a path. */
export const SHORTER_HOME = `Put the home where its paths have fewer than ${MOST} characters.`;

/** Of launchers, as paths within the home. */
export function outOfReachOf(launchers: readonly string[]): string {
  return `Paths are too long for cmd to start ${launchers.join(", ")}.`;
}
