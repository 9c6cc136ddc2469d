import { EngineryError } from "./errors.ts";

/** A file or folder that an operator named for output lies within a home. */
export function withinHome(path: string, home: string): EngineryError {
  return new EngineryError("refused", `${path} lies within the home ${home}, which holds Enginery's own files alone.`, {
    hint: "Write it to another folder.",
    context: { path, home },
  });
}
