import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkCitations, checkLinks, checkOperationPages, checkSteps, methodsOf } from "./checks/documentation.ts";
import { PROJECT, readProject, sample } from "./support/tree.ts";

const pages = readProject("*.md", "docs/**/*.md", "bench/*.md");
const source = readProject("src/**/*.ts");
const operator = source.get("src/ops/operator.ts") ?? "";

test("links of the pages lead somewhere", () => {
  assert.deepEqual(
    checkLinks(pages, (path) => statSync(join(PROJECT, path), { throwIfNoEntry: false }) !== undefined),
    [],
  );
});

test("every operator's verb has its page or section", () => {
  assert.deepEqual(checkOperationPages(pages, operator, "Operator"), []);
  assert.ok(methodsOf(operator, "Operator").includes("quarantine"), "the last verb of the interface is seen");
});

test("every step says what happens if we die there", () => {
  assert.deepEqual(checkSteps(pages), []);
  assert.match(pages.get("docs/operations/install.md") ?? "", /^1\. /m);
});

test("the code cites steps that are there", () => {
  assert.deepEqual(checkCitations(new Map([...source, ...pages])), []);
});

test("dead links go red", () => {
  const sound = {
    "docs/a.md": "# Top\n[b](b.md) [t](#top) [web](https://example.org) `[x](gone.md)`",
    "docs/b.md": "## Exit codes, all\n[a](a.md#top)",
  };
  assert.deepEqual(checkLinks(sample(sound)), []);
  for (const link of ["[x](gone.md)", "[x](b.md#gone)", "[x](#gone)", '<img src="gone.svg">', "[x](../docs/gone.md)"]) {
    assert.equal(checkLinks(sample({ ...sound, "docs/c.md": link })).length, 1, link);
  }
  assert.deepEqual(
    checkLinks(sample({ ...sound, "docs/c.md": "[x](b.md#exit-codes-all) [y](gone.md)" }), () => true),
    [],
  );
});

test("a verb without a page goes red", () => {
  const face =
    "export interface Operator { install(r: A<{ b: 1 }>): Promise<{ x(): 1 }>; /* old(): */ use(r: B): C }\ninterface O { other(): 1 }";
  assert.deepEqual(methodsOf(face, "Operator"), ["install", "use"]);
  assert.deepEqual(
    checkOperationPages(
      sample({ "docs/operations/install.md": "# Install\n## `use ENGINE@VERSION`" }),
      face,
      "Operator",
    ),
    [],
  );
  assert.equal(
    checkOperationPages(sample({ "docs/operations/install.md": "# Install, `user`" }), face, "Operator").length,
    1,
  );
  assert.equal(checkOperationPages(sample({ "docs/install.md": "# `install` `use`" }), face, "Operator").length, 2);
});

test("steps without their ending, and wrong numbers, go red", () => {
  const page = (text: string) => checkSteps(sample({ "docs/operations/a.md": text }));
  assert.deepEqual(
    page(
      "# A\n\n1. Do it. If we die here: nothing\n   has changed.\n2. More\n   of it. If we die here: `a.json` is gone.\n\nAfter.",
    ),
    [],
  );
  assert.equal(page("1. Do it.\n2. More. If we die here: nothing.").length, 1);
  assert.equal(page("1. Do it. If we die here: nothing. And more.").length, 1);
  assert.equal(page("1. Do it. If we die here: nothing.\n3. More. If we die here: nothing.").length, 1);
});

test("citations of what is not there go red", () => {
  const files = {
    "docs/operations/install.md": "1. Do it. If we die here: nothing.",
    "src/a.ts": "// install.md 1: why",
  };
  assert.deepEqual(checkCitations(sample(files)), []);
  assert.equal(checkCitations(sample({ ...files, "src/a.ts": "// install.md 2: why" })).length, 1);
  assert.equal(checkCitations(sample({ ...files, "src/a.ts": "/** upgrade.md 1 */" })).length, 1);
});
