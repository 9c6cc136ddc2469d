import { EngineryError } from "../errors.ts";

/** One row of a table of transitions. */
export interface Transition<Mode extends string, Event extends string, Action extends string> {
  readonly from: readonly Mode[];
  readonly on: Event;
  readonly to: Mode;
  /** In this order. */
  readonly does: readonly Action[];
}

/** A machine is its table: every mode has one row for every event that can come in it. */
export interface Machine<Mode extends string, Event extends string, Action extends string> {
  readonly begins: Mode;
  readonly table: readonly Transition<Mode, Event, Action>[];
}

/** Errors: `internal` for an event that the table has no row for. */
export function step<Mode extends string, Event extends string, Action extends string>(
  { table }: Machine<Mode, Event, Action>,
  mode: Mode,
  event: Event,
): { readonly mode: Mode; readonly does: readonly Action[] } {
  const row = table.find(({ from, on }) => on === event && from.includes(mode));
  if (row === undefined) throw new EngineryError("internal", `Nothing says what ${event} does in ${mode}.`);
  return { mode: row.to, does: row.does };
}
