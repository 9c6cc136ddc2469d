import assert from "node:assert/strict";
import { test } from "node:test";
import { axesIn } from "../../bench/growth/axes.ts";
import { VERBS } from "../../src/cli/commands/table.ts";

/** Whose work does not grow with anything of a home or a repository. */
const CONSTANT: Readonly<Record<string, string>> = {
  completion: "prints a text of its own",
  "quarantine lift": "as `quarantine`, and removes one file",
  "service install": "writes the files of a service",
  "service status": "asks the service manager",
  "service remove": "removes the files of a service",
  uninstall: "removes what a receipt lists; with --purge it is `rm -rf`",
  "self-update": "as `upgrade` of a channel with one engine",
};

test("every verb has an axis of growth, with four sizes at least, or a reason why not", () => {
  const axes = axesIn("nowhere");
  for (const { name, sizes, ordinary } of axes) {
    assert.ok(sizes.length >= 4 && sizes.includes(ordinary), name);
    assert.deepEqual(
      sizes,
      sizes.toSorted((one, other) => one - other),
      name,
    );
  }
  const measured = axes.flatMap(({ verbs }) => verbs.map(({ name }) => name));
  const isMeasured = (words: string) =>
    measured.some((name) => name === words || (/^[ ,]/.test(name.slice(words.length)) && name.startsWith(words)));
  const verbs = VERBS.map(({ words }) => words.join(" "));
  assert.deepEqual(
    verbs.filter((words) => !isMeasured(words) && !Object.hasOwn(CONSTANT, words)),
    [],
  );
  assert.deepEqual(
    Object.keys(CONSTANT).filter((words) => !verbs.includes(words) || isMeasured(words)),
    [],
  );
});
