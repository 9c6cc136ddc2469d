import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorCode, isEngineryError } from "../../src/core/errors.ts";
import { below, followRedirect, isLocal, isLoopback, parseLocation, redacted } from "../../src/core/location.ts";

const refuses = (code: ErrorCode, action: () => unknown, message?: string) =>
  assert.throws(action, (error) => isEngineryError(error, code), message);
const kindOf = (text: string, allowHttp = false) => parseLocation(text, { allowHttp }).kind;

test("each kind of location is told by its form", () => {
  assert.equal(kindOf("https://example.com/engines"), "web");
  assert.equal(kindOf("http://localhost:8080/engines"), "web");
  assert.equal(kindOf("http://[::1]/"), "web");
  assert.equal(kindOf("http://example.com/", true), "web");
  assert.equal(kindOf("file:///srv/engines"), "file");
  assert.equal(kindOf("/srv/engines"), "folder");
  assert.equal(kindOf("C:\\engines"), "folder");
  assert.equal(kindOf("\\\\server\\share"), "folder");
  assert.deepEqual(parseLocation(below("embedded:", "metadata/timestamp.json"), { allowHttp: false }), {
    kind: "embedded",
    path: "metadata/timestamp.json",
  });
  assert.ok(isLocal("embedded:"));
  assert.deepEqual(parseLocation("npm:@scope/engine@1.2.3-rc.1", { allowHttp: false }), {
    kind: "npm",
    name: "@scope/engine",
    version: "1.2.3-rc.1",
  });
});

test("anything else is refused", () => {
  for (const text of [
    "http://example.com/",
    "ftp://localhost/",
    "engines",
    "./engines",
    "",
    "https//x",
    "npm:engine",
    "npm:engine@latest",
    "npm:engine@1.2.3+build",
    "npm:Engine@1.2.3",
    "npm:@scope@1.2.3",
    "npm:a/b@1.2.3",
    "npm:..@1.2.3",
  ]) {
    refuses("source-refused", () => parseLocation(text, { allowHttp: false }), text);
  }
});

test("this machine is its three names and nothing that resembles them", () => {
  for (const host of ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"]) assert.ok(isLoopback(host), host);
  for (const host of [
    "localhost.example.com",
    "127.0.0.1.example.com",
    "128.0.0.1",
    "[::2]",
    "0.0.0.0",
    "notlocalhost",
  ]) {
    assert.ok(!isLoopback(host), host);
  }
  // The URL parser writes every spelling of an address in one way.
  assert.equal(kindOf("http://0x7f.1/"), "web");
  refuses("source-refused", () => kindOf("http://127.0.0.1@example.com/"));
});

test("a redirect stays in its origin; only the npm registry's may lead to another, and that by https", () => {
  const from = new URL("https://example.com/a/b?x=1");
  const strict = { otherOrigins: false };
  const npm = { otherOrigins: true };
  assert.equal(followRedirect(from, "../c", strict).href, "https://example.com/c");
  assert.equal(followRedirect(from, "https://cdn.example.com/c", npm).href, "https://cdn.example.com/c");
  for (const to of ["https://cdn.example.com/", "https://example.com:444/", "//evil.example/"]) {
    refuses("redirect-refused", () => followRedirect(from, to, strict), to);
  }
  for (const to of [
    "http://example.com/c",
    "file:///etc/passwd",
    "data:,x",
    "https://user@example.com/",
    "https://:9999999/",
    undefined,
  ]) {
    refuses("redirect-refused", () => followRedirect(from, to, npm), to);
  }
});

test("a path below a base, whatever the base's form", () => {
  assert.equal(below("https://example.com", "trees/x"), "https://example.com/trees/x");
  assert.equal(below("https://example.com/engines/", "trees/x"), "https://example.com/engines/trees/x");
  assert.equal(below("https://example.com/engines?token=t", "trees/x"), "https://example.com/engines/trees/x?token=t");
  assert.equal(below("/srv/engines/", "trees/x"), "/srv/engines/trees/x");
  assert.equal(below("file:///srv/engines", "trees/x"), "file:///srv/engines/trees/x");
  assert.equal(below("C:\\engines\\", "trees/x"), "C:\\engines/trees/x");
});

test("what is shown has no secret in it", () => {
  assert.equal(redacted("https://user:pass@example.com/x?token=t#frag"), "https://***@example.com/x?***");
  assert.equal(redacted("/srv/engines"), "/srv/engines");
  assert.equal(redacted("npm:engine@1.0.0"), "npm:engine@1.0.0");
});

test("local is what needs no network", () => {
  assert.deepEqual(["/srv", "C:/x", "file:///x", "FILE:///x"].map(isLocal), [true, true, true, true]);
  assert.deepEqual(["https://x/", "npm:x@1.0.0", "http://localhost/"].map(isLocal), [false, false, false]);
});
