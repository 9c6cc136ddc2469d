import type { EpochSourceSpec } from "../../core/epoch-source.ts";
import { EngineryError } from "../../core/errors.ts";
import type { EpochSource } from "../../ports/epoch-source.ts";
import { createChildProcess } from "../child-process.ts";
import { commandSource } from "./command.ts";
import { fileSource } from "./file.ts";

export interface EpochSourceSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
}

/** Opens nothing yet. */
export function createEpochSource(spec: EpochSourceSpec, settings: EpochSourceSettings): EpochSource {
  switch (spec.kind) {
    case "file":
      return fileSource(spec);
    case "command":
      return commandSource(spec, createChildProcess(), settings.env);
    default:
      throw new EngineryError("source-refused", `The kind of ${spec.name} is not there yet.`);
  }
}
