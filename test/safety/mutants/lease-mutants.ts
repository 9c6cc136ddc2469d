import type { Mutant } from "./mutant.ts";

/** Leases outside the home, where other accounts write too. */
export const LEASE_MUTANTS: readonly Mutant[] = [
  {
    name: "leases outside: nothing is pruned where their folder is not seen",
    file: "src/store/lease-reading.ts",
    from: "    place.require(each);\n    return place.within",
    to: "    return place.within",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: a home that has lost where they lie is damaged",
    file: "src/store/lease-folder.ts",
    from: "if (folder !== undefined || opened === undefined) return folder;",
    to: "if (folder !== undefined || opened !== 0) return folder;",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: VERSION alone says that they have moved",
    file: "src/store/lease-folder.ts",
    from: "layoutNumber(ground) === LAYOUT_LEASES_OUTSIDE",
    to: "layoutNumber(ground) !== 0",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: what LEASES of another account says is not made",
    file: "src/ops/install.ts",
    from: "  requireSafePlace(world, path);\n  const home",
    to: "  const home",
    by: ["test/ops/lease-folder.test.ts"],
  },
  {
    name: "leases outside: those in the home count still",
    file: "src/store/lease-folder.ts",
    from: "return folder === undefined ? [own] : [own, folder];",
    to: "return folder === undefined ? [own] : [folder];",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: no link is followed, and no pipe waited for",
    file: "src/adapters/file-handles.ts",
    from: "const READ_PLAIN = constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0);",
    to: "const READ_PLAIN = constants.O_RDONLY;",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: a home that has them there says layout 2",
    file: "src/store/making.ts",
    from: "    const number = leases === undefined ? LAYOUT_NUMBER : LAYOUT_LEASES_OUTSIDE;",
    to: "    const number = leases === undefined || LAYOUT_LEASES_OUTSIDE > 0 ? LAYOUT_NUMBER : 0;",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: VERSION written anew counts them in",
    file: "src/store/foundation.ts",
    from: "const number = isOutside ? LAYOUT_LEASES_OUTSIDE : LAYOUT_NUMBER;",
    to: "const number = isOutside && LAYOUT_LEASES_OUTSIDE === 0 ? 0 : LAYOUT_NUMBER;",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: what is over is judged so, and tells",
    file: "src/store/leases.ts",
    from: "machine, boot: OVER, ...",
    to: "machine, boot: lease.boot ?? OVER, ...",
    by: ["test/store/leases-outside.test.ts"],
  },
  {
    name: "leases outside: the launcher writes there",
    file: "src/store/launcher-text.ts",
    from: "  2) enginery_find_leases || return 1 ;;\n",
    to: "  2) enginery_leases=$enginery_home/leases ;;\n",
    by: ["test/store/launcher.test.ts"],
  },
  {
    name: "leases outside: sticky, or others could remove a claim",
    file: "src/ops/lease-folder.ts",
    from: "((mode & GROUP_WRITES) !== 0 && (mode & STICKY) === 0)",
    to: "((mode & GROUP_WRITES) !== 0 && (mode & STICKY) === mode)",
    by: ["test/ops/lease-folder.test.ts"],
  },
  {
    name: "leases outside: the folder is there before the home is",
    file: "src/ops/install.ts",
    from: "    if (request.leases !== undefined) requireLeaseFolder(world, request.leases, ownerOf(world, request.home));\n",
    to: "",
    by: ["test/ops/lease-folder.test.ts"],
  },
];
