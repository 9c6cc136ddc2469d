import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { selfFolder } from "../../src/store/self.ts";
import { ports, scratch } from "./support/scratch.ts";

test("on Windows the command is a file of one line that names what it leads to by its own place", () => {
  using place = scratch();
  const path = `${place.home}/100% größer/enginery-self`;
  for (const folder of ["bin", "placed", "home/engines/enginery/0.2.0"])
    mkdirSync(`${path}/${folder}`, { recursive: true });
  const self = selfFolder(path, { ...ports(), host: { ...nodeHost("enginery"), platform: "win32-x64" } });
  const command = `${path}/bin/enginery.cmd`;
  for (const file of ["placed/enginery-0.1.0.exe", "home/engines/enginery/0.2.0/enginery.exe"]) {
    self.leadTo(`${path}/${file}`);
    const text = readFileSync(command, "latin1");
    assert.equal(text.trimEnd(), `@"%~dp0..\\${file.replaceAll("/", "\\")}" %*`);
    assert.equal(text.length, 256, "cmd reads on where the line ended that it read");
    assert.ok(text.endsWith("\r\n"));
    assert.equal(self.inUse(), `${path}/${file}`);
  }
  // as it was written before
  writeFileSync(command, `@("${path.replaceAll("/", "\\")}\\placed\\enginery-0.1.0.exe" %* & exit /b)\r\n`);
  assert.equal(self.inUse(), `${path}/placed/enginery-0.1.0.exe`);
  writeFileSync(command, `@("C:\\elsewhere\\enginery.exe" %* & exit /b)\r\n`);
  assert.equal(self.inUse(), undefined);
});
