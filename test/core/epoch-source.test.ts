import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEpochSource } from "../../src/core/epoch-source.ts";
import type { EngineryError } from "../../src/core/errors.ts";
import { refuses } from "./support/samples.ts";

test("each kind of epoch source is read, and its name keeps what may be a secret", () => {
  assert.deepEqual(parseEpochSource("file:/run/node/height"), {
    kind: "file",
    name: "file:/run/node/height",
    path: "/run/node/height",
  });
  assert.deepEqual(parseEpochSource("file:/run/node/status.json#/epoch/a~1b~0/0"), {
    kind: "file",
    name: "file:/run/node/status.json#/epoch/a~1b~0/0",
    path: "/run/node/status.json",
    pointer: ["epoch", "a/b~", "0"],
  });
  assert.deepEqual(parseEpochSource(`command:gaiad "two words" --key='a b' ""`), {
    kind: "command",
    name: "command:gaiad ...",
    program: "gaiad",
    args: ["two words", "--key=a b", ""],
  });
  assert.equal(parseEpochSource("command:/opt/height").name, "command:/opt/height");
  assert.deepEqual(parseEpochSource("https://me:secret@node.example/v1/KEY?token=KEY#/result/epoch"), {
    kind: "http",
    name: "https://node.example/...#/result/epoch",
    url: "https://me:secret@node.example/v1/KEY?token=KEY",
    pointer: ["result", "epoch"],
  });
  assert.equal(parseEpochSource("http://127.0.0.1:8080/").name, "http://127.0.0.1:8080");
  assert.deepEqual(parseEpochSource("cometbft:http://localhost:26657"), {
    kind: "cometbft",
    name: "cometbft:http://localhost:26657",
    url: "http://localhost:26657/",
    every: 1,
    allowCatchingUp: false,
  });
  assert.deepEqual(parseEpochSource("cometbft:https://me:secret@rpc.example/KEY?every=600&catching-up=allow"), {
    kind: "cometbft",
    name: "cometbft:https://rpc.example/...?every=600&catching-up=allow",
    url: "https://me:secret@rpc.example/KEY",
    every: 600,
    allowCatchingUp: true,
  });
  assert.deepEqual(parseEpochSource("substrate:wss://rpc.example/KEY?unit=height"), {
    kind: "substrate",
    name: "substrate:wss://rpc.example/...?unit=height",
    url: "wss://rpc.example/KEY",
    unit: "height",
    allowCatchingUp: false,
  });
  const local = parseEpochSource("substrate:ws://[::1]:9944");
  assert.ok(local.kind === "substrate" && local.unit === "session");
});

test("what is no epoch source is refused, under the code of whoever asks", () => {
  const wrong = [
    "",
    "4711",
    "ftp://node.example/height",
    "FILE:/run/height",
    "file:",
    "file:height",
    "file:./height",
    "file:/run/height#epoch",
    "file:/run/height#/a~2",
    "file:/run/height#/%ff",
    "file:/run/he\night",
    "file:/run/\u202ethgieh",
    "command:he\u2028ight",
    "command:",
    "command:   ",
    'command:""',
    "command:./height",
    "command:bin/height",
    'command:echo "1',
    "http://",
    "https://node.example/#epoch",
    "cometbft:node.example:26657",
    "cometbft:ws://127.0.0.1:26657",
    "cometbft:http://127.0.0.1:26657#/height",
    "cometbft:http://127.0.0.1:26657?every=0",
    "cometbft:http://127.0.0.1:26657?every=1.5",
    "cometbft:http://127.0.0.1:26657?every=2&every=3",
    "cometbft:http://127.0.0.1:26657?evry=2",
    "cometbft:http://127.0.0.1:26657?unit=session",
    "cometbft:http://127.0.0.1:26657?catching-up=yes",
    "substrate:127.0.0.1:9944",
    "substrate:ws://127.0.0.1:9944?unit=block",
    "substrate:ws://127.0.0.1:9944?every=2",
    `file:/${"a".repeat(4096)}`,
  ];
  for (const text of wrong) {
    refuses("usage", () => parseEpochSource(text));
    refuses("config-invalid", () => parseEpochSource(text, { code: "config-invalid" }));
  }
});

test("plain http: and ws: go to this machine, and to others where it is said", () => {
  for (const text of [
    "http://node.example/height",
    "cometbft:http://10.0.0.1:26657",
    "substrate:ws://node.example:9944",
  ]) {
    refuses("source-refused", () => parseEpochSource(text));
    assert.ok(parseEpochSource(text, { allowHttp: true }).name);
  }
  for (const text of ["http://127.0.0.1/height", "cometbft:http://[::1]:26657", "substrate:wss://node.example"])
    assert.ok(parseEpochSource(text).name);
});

test("no message tells credentials, paths or queries of an address", () => {
  const wrong = [
    "http://me:SECRET@node.example/SECRET?key=SECRET#/epoch",
    "HTTP://me:SECRET@node.example/SECRET?key=SECRET#/epoch",
    "https://me:SECRET@node.example/SECRET?key=SECRET#epoch",
    "cometbft:https://me:SECRET@node.example/SECRET?key=SECRET",
    "substrate:https://me:SECRET@node.example/SECRET?unit=session&unit=height",
    "substrate:gopher://me:SECRET@node.example/SECRET",
  ];
  for (const text of wrong) {
    assert.throws(
      () => parseEpochSource(text),
      (error: EngineryError) => !`${error.message} ${error.hint} ${JSON.stringify(error.context)}`.includes("SECRET"),
      text,
    );
  }
});
