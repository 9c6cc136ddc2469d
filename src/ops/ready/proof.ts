import type { Installation } from "../../core/model/home.ts";
import { releaseName } from "../../core/release-name.ts";
import type { ReadyCheck } from "../operator.ts";
import type { EntryProof } from "../probe.ts";
import type { World } from "../world.ts";
import { missed, passed } from "./checks.ts";

/** `host` from the files alone, `probe` from having started them. A release that is not run here is told and not failed. */
export function proofChecks(
  world: World,
  installation: Installation,
  proofs: readonly EntryProof[] | undefined,
): readonly ReadyCheck[] {
  if (proofs === undefined) {
    return [passed("host", `It is for ${installation.platform}, and this host is ${world.host.platform}: not proven.`)];
  }
  const again = `Then look again: enginery ready ${releaseName(installation)}`;
  return [hostCheck(proofs, again), ...probeChecks(proofs, again)];
}

function hostCheck(proofs: readonly EntryProof[], again: string): ReadyCheck {
  const [first, ...more] = proofs.flatMap(({ lacks }) => lacks);
  if (first !== undefined) {
    const others = more.length === 0 ? "" : ` (and ${more.map(({ message }) => message).join("; ")})`;
    return missed("host", `${first.message}${others}.`, `${first.mend} ${again}`);
  }
  const cleared = proofs.flatMap((proof) => proof.cleared.map(({ message }) => `${message}, and its probe passed`));
  if (cleared.length > 0) return passed("host", `${cleared.join("; ")}.`);
  const count = proofs.length === 1 ? "1 entry point needs" : `${proofs.length} entry points need`;
  return passed("host", `What ${count} is on this host.`);
}

/** None where nothing could be started, as a check before has told. */
function probeChecks(proofs: readonly EntryProof[], again: string): readonly ReadyCheck[] {
  const reasons = proofs.flatMap(({ run }) => (run === undefined || run === "passed" ? [] : [run.reason]));
  if (reasons.length > 0) {
    return [missed("probe", `${reasons.join("; ")}.`, `Mend the host as the reason says. ${again}`)];
  }
  const without = proofs.filter(({ entryPoint }) => entryPoint.probe === undefined).length;
  const started = proofs.filter(({ run }) => run === "passed").length;
  if (started + without < proofs.length) return [];
  const rest = without === 0 ? "" : `; for ${without} the publisher gives no way to prove them`;
  return [
    passed("probe", `${started} of ${proofs.length} entry points were started and are what they are called${rest}.`),
  ];
}
