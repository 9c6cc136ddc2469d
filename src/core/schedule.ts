import type { Deployment, Engine, Epoch, Manifest, Version } from "./model/manifest.ts";

export { checkSchedule } from "./check-schedule.ts";

/** Where a release stands in its engine's schedule. */
export type DeploymentState = "in-effect" | "pending" | "superseded" | "unscheduled";

/** The deployment with the greatest `validFrom <= epoch` (equality counts); the list need not be ordered. Cost: one pass. */
export function inEffect(deployments: readonly Deployment[], epoch: Epoch): Deployment | undefined {
  let found: Deployment | undefined;
  for (const deployment of deployments) {
    if (deployment.validFrom <= epoch && (found === undefined || deployment.validFrom > found.validFrom)) {
      found = deployment;
    }
  }
  return found;
}

/** The deployment with the smallest `validFrom > epoch`. Cost: one pass. */
export function nextAfter(deployments: readonly Deployment[], epoch: Epoch): Deployment | undefined {
  let found: Deployment | undefined;
  for (const deployment of deployments) {
    if (deployment.validFrom > epoch && (found === undefined || deployment.validFrom < found.validFrom)) {
      found = deployment;
    }
  }
  return found;
}

/** The one deployment that answers for every epoch, where there is one: the epoch need not be known then. */
export function alwaysInEffect(deployments: readonly Deployment[]): Deployment | undefined {
  const [only] = deployments;
  return deployments.length === 1 && only?.validFrom === 0 ? only : undefined;
}

/** Whether what is in effect depends on the epoch, for some engine. */
export function asksForEpoch({ engines }: Pick<Manifest, "engines">): boolean {
  return Object.values(engines).some(
    ({ deployments }) => deployments.length > 0 && alwaysInEffect(deployments) === undefined,
  );
}

/** Null where the epoch is unknown and the answer depends on it. */
export function stateOf(engine: Engine, version: Version, epoch: Epoch | undefined): DeploymentState | null {
  const deployment = engine.deployments.find((one) => one.version === version);
  return deployment === undefined ? "unscheduled" : stateBeside(deployment, answerAt(engine.deployments, epoch), epoch);
}

/** `stateOf` for every deployment of an engine. Cost: two passes. */
export function statesOf(
  deployments: readonly Deployment[],
  epoch: Epoch | undefined,
): ReadonlyMap<Version, DeploymentState | null> {
  const answer = answerAt(deployments, epoch);
  return new Map(deployments.map((deployment) => [deployment.version, stateBeside(deployment, answer, epoch)]));
}

function answerAt(deployments: readonly Deployment[], epoch: Epoch | undefined): Deployment | undefined {
  return epoch === undefined ? alwaysInEffect(deployments) : inEffect(deployments, epoch);
}

function stateBeside(
  deployment: Deployment,
  answer: Deployment | undefined,
  epoch: Epoch | undefined,
): DeploymentState | null {
  if (deployment === answer) return "in-effect";
  if (epoch === undefined) return null;
  return deployment.validFrom > epoch ? "pending" : "superseded";
}
