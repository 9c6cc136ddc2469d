import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { selfFolder } from "../../src/store/self.ts";
import { told } from "../engines/support/command.ts";
import { ports } from "../store/support/scratch.ts";
import { folderIn, start } from "./support/place.ts";
import type { OpenPlace, PlaceOptions } from "./support/places.ts";
import { preparedPlatform } from "./support/prepared.ts";

/** What `enginery.cmd` leads to here is Node itself. */
const PLACED = "placed/enginery-0.1.0.exe";
/** Says its words, puts the other file in the place of the command that runs it, and ends with 7. */
const SCRIPT = `
  const fs = require("node:fs");
  const [command, ...words] = process.argv.slice(2);
  fs.renameSync(command + ".next", command);
  console.log(JSON.stringify(words));
  process.exit(7);
`;

/** The file of one line by which Windows finds the command: install.ps1 writes it, and `self-update` anew. */
export function commandFile(platform: string, open: (options: PlaceOptions) => Promise<OpenPlace>): void {
  let place: OpenPlace;
  before(async () => {
    place = await open({ offline: true });
  });
  after(() => place?.[Symbol.dispose]());

  for (const name of ["plain", "größer"]) {
    it(`${platform}: enginery.cmd in a folder named "${name}" passes words and status on, replaced while it runs`, async () => {
      const folder = join(folderIn(place, "self"), name);
      for (const each of ["bin", "placed"]) mkdirSync(join(folder, each), { recursive: true });
      copyFileSync(join(preparedPlatform(platform), "opt", "node", "node.exe"), join(folder, PLACED));
      writeFileSync(join(folder, "script.cjs"), SCRIPT);
      const self = selfFolder(folder, { ...ports(), host: { ...nodeHost("enginery"), platform } });
      const command = join(folder, "bin", "enginery.cmd");
      self.leadTo(join(folder, "home/engines/enginery/0.2.0-rc.1/enginery.exe"));
      const next = readFileSync(command);
      self.leadTo(join(folder, PLACED));
      writeFileSync(`${command}.next`, next);
      const words = [place.inside(join(folder, "script.cjs")), place.inside(command), "a b", "c"];
      const asked = [...place.program(place.inside(command)), ...words];
      const ran = await start(place, asked, { LANG: "C.UTF-8", LC_ALL: "C.UTF-8" }).done;
      assert.equal(ran.status, 7, told(ran));
      assert.equal(ran.stdout.trim(), '["a b","c"]');
      assert.deepEqual(readFileSync(command), next);
    });
  }
}
