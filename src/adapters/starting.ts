import { win32 } from "node:path";
import { isLongOnWindows, SHORTER_HOME } from "../core/long-path.ts";

export interface Starting {
  readonly file: string;
  /** What the program is told as its own name. */
  readonly argv0: string;
}

/** What is behind it where `file` is not started, and what to do: undefined where its path is not long. */
export function longPathReason(file: string, platform: string = process.platform): string | undefined {
  if (platform !== "win32" || !isLongOnWindows(file)) return undefined;
  return `Its path has ${file.length} characters. ${SHORTER_HOME}`;
}

/** As the system has to be asked to start `file`: Windows for a long path in its long form, which Node takes for files alone. `platform` as in `process.platform`. */
export function starting(file: string, platform: string = process.platform): Starting {
  const isLong = platform === "win32" && isLongOnWindows(file);
  return { file: isLong ? win32.toNamespacedPath(file) : file, argv0: file };
}
