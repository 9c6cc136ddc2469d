import { HISTORY_MUTANTS } from "./history-mutants.ts";
import { LEASE_MUTANTS } from "./lease-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { STORE_MUTANTS } from "./store-mutants.ts";
import { TRUST_MUTANTS } from "./trust-mutants.ts";

export const MUTANTS: readonly Mutant[] = [...STORE_MUTANTS, ...TRUST_MUTANTS, ...HISTORY_MUTANTS, ...LEASE_MUTANTS];
