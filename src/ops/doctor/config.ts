import { quorumOf } from "../../core/epoch-quorum.ts";
import { isEngineryError } from "../../core/errors.ts";
import { redacted } from "../../core/location.ts";
import type { Config } from "../../core/model/home.ts";
import { parseSources } from "../epoch-sources.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, fine } from "./findings.ts";

/** It is the operator's file: never mended by itself. */
export function configFindings({ home }: Examination): readonly Finding[] {
  try {
    const config = home.config.read();
    const { repository, channel } = config;
    return [fine("config", `Channel ${channel} of ${redacted(repository)}.`), ...sourceFindings(config)];
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return [bad(error.code, error.message, error.hint)];
  }
}

/** Read as `observe` reads them, and not asked: doctor keeps off the network. */
function sourceFindings({ epochSources = [], epochQuorum, allowHttp = false }: Config): readonly Finding[] {
  if (epochSources.length === 0) return [];
  const specs = parseSources(epochSources, { code: "config-invalid", allowHttp });
  const quorum = quorumOf(specs.length, epochQuorum, "config-invalid");
  const names = specs.map(({ name }) => name).join(", ");
  return [fine("epoch-sources", `The epoch is what ${quorum} of ${specs.length} sources say: ${names}.`)];
}
