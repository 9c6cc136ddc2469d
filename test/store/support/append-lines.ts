// Appends COUNT lines to the ledger of HOME, one after the other: `node append-lines.ts HOME NAME COUNT`.
import { nodeFileSystem } from "../../../src/adapters/node-file-system.ts";
import { AT, reopen } from "./scratch.ts";

const [home = "", name = "", count = ""] = process.argv.slice(2);
const { ledger } = reopen(home, { fileSystem: nodeFileSystem() });
for (let number = 0; number < Number(count); number += 1) {
  ledger.append({ at: AT, operation: `${name}-${number}`, verb: "exec", detail: { epoch: number } });
}
