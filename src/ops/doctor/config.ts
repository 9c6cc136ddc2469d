import { isEngineryError } from "../../core/errors.ts";
import { redacted } from "../../core/location.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, fine } from "./findings.ts";

/** It is the operator's file: never mended by itself. */
export function configFindings({ home }: Examination): readonly Finding[] {
  try {
    const { repository, channel } = home.config.read();
    return [fine("config", `Channel ${channel} of ${redacted(repository)}.`)];
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return [bad(error.code, error.message, error.hint)];
  }
}
