import type { GrowingVerb } from "./axis.ts";

const E = '"$ENGINERY"';
const HOME = '--quiet --home "$HOME_FOLDER"';

type Options = Partial<Omit<GrowingVerb, "name" | "command">>;

/** A verb of the operator's at the axis' home; what it says on stdout is made and thrown away. */
export function verb(name: string, words: string, options: Options = {}): GrowingVerb {
  return { name, command: `${E} ${words} ${HOME} >/dev/null`, grows: true, ...options };
}

/** The engine starts in its place, and says one word. */
export function exec(name: string, words: string, options: Options = {}): GrowingVerb {
  return { name, command: `${E} exec ${HOME} ${words} -- hello >/dev/null`, grows: true, ...options };
}

/** One that ends with another status than 0 where it has something to tell: 10, or 5. */
export function telling(name: string, words: string, options: Options = {}): GrowingVerb {
  const command = `${E} ${words} ${HOME} >/dev/null || test $? = 10 -o $? = 5`;
  return { name, command, grows: true, ...options };
}

/** A verb of the publisher's. */
export function publishing(name: string, words: string, options: Options = {}): GrowingVerb {
  return { name, command: `${E} repo ${words} --quiet >/dev/null`, grows: true, ...options };
}

export function shell(name: string, command: string, options: Options = {}): GrowingVerb {
  return { name, command, grows: true, ...options };
}

/** As a monitor asks: nothing of it may depend on the size. */
export const FLAT = { grows: false } as const;
/** It cannot be done again in the same home. */
export const ONCE = { once: true } as const;
