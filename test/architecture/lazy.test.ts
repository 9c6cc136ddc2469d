import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLazy } from "./checks/lazy.ts";
import { readProject, sample } from "./support/tree.ts";

const project = readProject("src/**/*.ts");

for (const entry of ["src/main.ts", "src/cli/run.ts", "src/index.ts"]) {
  test(`a start at ${entry} loads no heavy library and no network code`, () => {
    assert.deepEqual(checkLazy(project, entry), []);
  });
}

test("heavy modules go red along any static way, and only there", () => {
  const files = {
    "src/main.ts":
      'import { a } from "./a.ts";\nimport { parse } from "valibot";\nimport type { Dispatcher } from "undici";',
    "src/a.ts": 'export { b } from "./b.ts";\nconst c = () => import("./c.ts");',
    "src/b.ts": 'import { join } from "node:path";\nimport { valid } from "semver";',
    "src/c.ts": 'import { request } from "undici";',
  };
  assert.deepEqual(checkLazy(sample(files), "src/main.ts"), []);
  for (const module of [
    "commander",
    "undici",
    "@inquirer/prompts",
    "tar",
    "tuf-js/dist/error.js",
    "node:https",
    "node:dns/promises",
  ]) {
    const problems = checkLazy(sample({ ...files, "src/b.ts": `import { x } from "${module}";` }), "src/main.ts");
    assert.equal(problems.length, 1, module);
    assert.match(problems[0] ?? "", /^src\/main.ts -> src\/a.ts -> src\/b.ts loads /);
  }
  assert.equal(checkLazy(sample({ ...files, "src/a.ts": 'import { c } from "./c.ts";' }), "src/main.ts").length, 1);
  assert.equal(checkLazy(sample({}), "src/main.ts").length, 1, "an entry that is not there is no success");
});
