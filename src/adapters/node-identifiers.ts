import { randomBytes } from "node:crypto";
import type { Identifiers } from "../ports/clock.ts";

/** Names from the operating system's randomness. */
export const nodeIdentifiers: Identifiers = { operation: () => randomBytes(16).toString("hex") };
