import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, sound } from "../engines/support/command.ts";
import { pathOf, reasonToSkip } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { prepareLief, unpackLief } from "../engines/support/program-readers.ts";
import { LibraryChannel, toyLibrary } from "./support/libraries.ts";
import { prepareEmbeddedHost, prepareForeignHost } from "./support/prepare-embedded.ts";

const reader = prepareEmbeddedHost();
const lief = prepareLief();
const HOSTS = {
  osx: { of: "macOS", kind: "mach-o", last: "__LINKEDIT", host: prepareForeignHost("osx") },
  win: { of: "Windows", kind: "pe", last: ".enginry", host: prepareForeignHost("win") },
} as const;

interface Compared {
  readonly same: boolean;
  readonly layoutBefore: boolean;
  readonly layout: boolean;
  readonly why: string;
  readonly head: string;
  readonly last: string;
  readonly facts: Readonly<Record<string, number>>;
}

for (const [system, { of, kind, last, host }] of Object.entries(HOSTS)) {
  describe(`P6: a host for ${of}`, { skip: reasonToSkip(reader, host) }, () => {
    const work = temporaryFolder();
    const embedded = join(work, "host-engines");
    let home: string;

    before(async () => {
      const files = { "libtoy.so": toyLibrary(work, "1.0.0") };
      ({ home } = await LibraryChannel.begin(work, [{ engine: "toy", version: "1.0.0", files }]));
      await sound(["embed", pathOf(host), "toy@1.0.0", "--to", embedded], { home });
    });

    it(`P6: engines in a real program for ${of} are found again, by the C host's code as well`, async (t) => {
      t.diagnostic("engine: hermes 0.4.0 (npm) as the host");
      const listed = await answer<{ host: string }>(["embed", "--list", embedded]);
      assert.equal(listed.host, kind);
      assert.deepEqual((await answer<{ ok: boolean }>(["embed", "--verify", embedded], { home })).ok, true);
      const words = ["--program", embedded, "call", "toy", "1.0.0", "-", "toy_version"];
      assert.equal(spawnSync(pathOf(reader), words, { encoding: "utf8" }).stdout, "toy\t1.0.0\ttoy 1.0.0\n");
    });

    it(`P6: a reader that others wrote finds all else of a program for ${of} as it was`, {
      skip: reasonToSkip(lief),
    }, (t) => {
      t.diagnostic("engine: hermes 0.4.0 (npm) as the host, read by LIEF 1.0.0");
      const script = join(import.meta.dirname, "support", "compare_programs.py");
      const ran = spawnSync("python3", [script, system, pathOf(host), embedded], {
        encoding: "utf8",
        env: { ...process.env, PYTHONPATH: unpackLief(pathOf(lief), join(work, "lief")) },
      });
      assert.equal(ran.status, 0, ran.stderr);
      const compared = JSON.parse(ran.stdout) as Compared;
      const { same, layoutBefore, layout, why } = compared;
      assert.deepEqual({ same, layoutBefore, layout, why }, { same: true, layoutBefore: true, layout: true, why: "" });
      assert.match(compared.head, /^enginery-embedded 1 /);
      assert.equal(compared.last, last);
      t.diagnostic(JSON.stringify(compared.facts));
    });
  });
}
