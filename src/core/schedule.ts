import type { Deployment, Engine, Epoch, Version } from "./model/manifest.ts";

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

/** Null where the epoch is unknown and the answer depends on it. */
export function stateOf(engine: Engine, version: Version, epoch: Epoch | undefined): DeploymentState | null {
  const deployment = engine.deployments.find((one) => one.version === version);
  if (deployment === undefined) return "unscheduled";
  if (alwaysInEffect(engine.deployments) !== undefined) return "in-effect";
  if (epoch === undefined) return null;
  if (deployment.validFrom > epoch) return "pending";
  return inEffect(engine.deployments, epoch)?.version === version ? "in-effect" : "superseded";
}
