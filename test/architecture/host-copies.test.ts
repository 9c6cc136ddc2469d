import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** Both folders are for taking over whole, so each has what it needs: once changed, changed in both. */
test("the SHA-256 of the two C hosts is the same", () => {
  for (const name of ["sha256.c", "sha256.h"]) {
    const [one, other] = ["../../test/hosts/", "../../templates/hosts/c/"].map((folder) =>
      readFileSync(new URL(`${folder}${name}`, import.meta.url), "utf8"),
    );
    assert.equal(one, other, name);
  }
});
