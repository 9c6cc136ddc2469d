import type { Observation } from "../core/model/home.ts";

/** The last epoch seen, and from where. */
export interface ObservedClock {
  read(): Observation | undefined;
  /** Durable when it returns; says nothing about order: whether a lower epoch is taken is for core to decide. */
  write(observation: Observation): void;
}
