import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { VERIFY_SCRIPT } from "../../src/store/export-script.ts";

const text = readFileSync(new URL("../../templates/export/verify", import.meta.url), "utf8");

/** `UPDATE=1 node --test test/store/export-script.test.ts` makes the module anew. */
if (process.env["UPDATE"] === "1") {
  const literal = text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
  writeFileSync(
    new URL("../../src/store/export-script.ts", import.meta.url),
    "/* The text of templates/export/verify; test/store/export-script.test.ts makes it anew. */\n" +
      `export const VERIFY_SCRIPT = \`${literal}\`;\n`,
  );
}

test("the program carries the script that checks an export", { skip: process.env["UPDATE"] === "1" }, () => {
  assert.equal(VERIFY_SCRIPT, text);
});
