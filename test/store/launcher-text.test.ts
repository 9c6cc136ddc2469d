import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { LAUNCHER_CMD, LAUNCHER_SH } from "../../src/store/launcher-text.ts";

const template = (name: string) => new URL(`../../templates/${name}`, import.meta.url);
const text = (name: string) => readFileSync(template(name), "utf8");

/** `UPDATE=1 node --test test/store/launcher-text.test.ts` makes the module anew. */
if (process.env["UPDATE"] === "1") {
  const literal = (name: string) =>
    `\`${text(name).replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${")}\``;
  writeFileSync(
    new URL("../../src/store/launcher-text.ts", import.meta.url),
    "/* The text of templates/launcher.*, so that it is there wherever the program is; test/store/launcher-text.test.ts makes it anew. */\n\n" +
      `export const LAUNCHER_SH = ${literal("launcher.sh")};\n\nexport const LAUNCHER_CMD = ${literal("launcher.cmd")};\n`,
  );
}

test("the program carries the launchers of templates/", { skip: process.env["UPDATE"] === "1" }, () => {
  assert.equal(LAUNCHER_SH, text("launcher.sh"));
  assert.equal(LAUNCHER_CMD, text("launcher.cmd"));
});
