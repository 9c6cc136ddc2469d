export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** Where new names come from. */
export interface Identifiers {
  /** 32 lower-case hex digits, never twice the same. */
  operation(): string;
}
