import type { Epoch } from "../model/manifest.ts";

/** How long epochs take here, measured while they change. */
export interface Pace {
  /** The epoch that was seen last, and the tick (monotonic milliseconds) at which it began; undefined where we came into its middle. */
  readonly epoch: Epoch;
  readonly beganAt: number | undefined;
  /** Undefined before an epoch was seen from its begin to its end. */
  readonly msPerEpoch: number | undefined;
}

/** How much the newest measurement counts. */
const WEIGHT = 0.25;

/** An epoch that an operator has set back begins the measuring anew. */
export function advancePace(pace: Pace | undefined, epoch: Epoch, tick: number): Pace {
  if (pace === undefined || epoch < pace.epoch) return { epoch, beganAt: undefined, msPerEpoch: pace?.msPerEpoch };
  if (epoch === pace.epoch) return pace;
  if (pace.beganAt === undefined) return { ...pace, epoch, beganAt: tick };
  const measured = (tick - pace.beganAt) / (epoch - pace.epoch);
  const msPerEpoch = pace.msPerEpoch === undefined ? measured : pace.msPerEpoch * (1 - WEIGHT) + measured * WEIGHT;
  return { epoch, beganAt: tick, msPerEpoch };
}

/** Until `epochsLeft` epochs have gone; undefined where no pace is known. */
export function secondsUntil(pace: Pace | undefined, epochsLeft: number): number | undefined {
  if (pace?.msPerEpoch === undefined) return undefined;
  return Math.max(0, Math.round((epochsLeft * pace.msPerEpoch) / 1000));
}

/** How many epochs before its epoch a release must be here: the lead in epochs, or in seconds where that is longer. */
export function leadOf(
  { leadEpochs, leadSeconds }: { readonly leadEpochs: number; readonly leadSeconds: number | undefined },
  pace: Pace | undefined,
): number {
  if (leadSeconds === undefined || pace?.msPerEpoch === undefined || pace.msPerEpoch <= 0) return leadEpochs;
  return Math.max(leadEpochs, Math.ceil((leadSeconds * 1000) / pace.msPerEpoch));
}
