import { join } from "node:path";
import { largeHome, pinMany } from "../../large-home.ts";
import type { Axis, GrowingVerb } from "../axis.ts";

const PROGRAM = join(import.meta.dirname, "..", "answers-cost.ts");

/** The library in a host, with as many deployments as there are, ten pins each; what a question costs, and what opening the home does. */
export const ANSWERS: Axis = {
  name: "deployments, ten pins each, in the library",
  unit: "deployments",
  ordinary: 100,
  sizes: [10, 100, 1_000, 10_000],
  make: async (folder, size) => {
    await pinMany(largeHome(join(folder, "home"), size), size * 10);
    return { SIZE: `${size}` };
  },
  verbs: [
    asked("open and load", "open", true),
    asked("1,000 times a `Map` of as many tenants", "map", false),
    asked("1,000 times resolve, by epoch", "epoch", false),
    asked("1,000 times resolve, a pinned tenant", "pinned", false),
    asked("1,000 times resolve, a tenant without a pin", "unpinned", false),
    asked("lease and end of it", "lease", false),
    asked("refresh, nothing new", "refresh", false),
  ],
};

/** The program tells what it cost: to open once, to look once, and a thousand answers. */
function asked(name: string, what: string, grows: boolean): GrowingVerb {
  return { name, command: `"$NODE" "${PROGRAM}" ${what} "$HOME_FOLDER" "$SIZE"`, grows, tells: true, once: true };
}
