import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { SERVICE_TEMPLATES } from "../../src/core/service/templates.ts";

const folder = new URL("../../templates/services/", import.meta.url);
const names = globSync("*/*", { cwd: folder.pathname }).sort();
const text = (name: string): string => readFileSync(new URL(name, folder), "utf8");

/** `UPDATE=1 node --test test/core/service-templates.test.ts` makes the module anew. */
if (process.env["UPDATE"] === "1") {
  const literal = (name: string) =>
    `\`${text(name).replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${")}\``;
  writeFileSync(
    new URL("../../src/core/service/templates.ts", import.meta.url),
    "/* The text of templates/services/, so that it is there wherever the program is; test/core/service-templates.test.ts makes it anew. */\n" +
      `export const SERVICE_TEMPLATES = {\n${names.map((name) => `"${name}": ${literal(name)},\n`).join("")}} as const;\n`,
  );
}

test("the program carries the templates of services", { skip: process.env["UPDATE"] === "1" }, () => {
  assert.deepEqual(SERVICE_TEMPLATES, Object.fromEntries(names.map((name) => [name, text(name)])));
});
