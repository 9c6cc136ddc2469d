import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFiles, MOST_LINES } from "./checks/files.ts";
import { readProject, sample } from "./support/tree.ts";

test("files are short, export by name, and are named for a thing", () => {
  assert.deepEqual(checkFiles(readProject("src/**/*")), []);
});

test("each of the three goes red", () => {
  const line = "export const a = 1;\n";
  assert.deepEqual(checkFiles(sample({ "src/a.ts": line.repeat(MOST_LINES) })), []);
  assert.equal(checkFiles(sample({ "src/a.ts": line.repeat(MOST_LINES + 1) })).length, 1);
  assert.equal(checkFiles(sample({ "src/a.ts": "export default 1;" })).length, 1);
  assert.equal(checkFiles(sample({ "src/a.ts": "// export default 1;" })).length, 0);
  for (const name of ["src/utils.ts", "src/core/utils/a.ts", "src/store/path-util.ts", "src/ops/helpers.ts"]) {
    assert.equal(checkFiles(sample({ [name]: line })).length, 1, name);
  }
});
