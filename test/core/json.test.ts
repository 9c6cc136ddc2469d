import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson, parseJson } from "../../src/core/json.ts";
import { bytesOf, refuses, textOf } from "./support/samples.ts";

const parse = (text: string) => parseJson(bytesOf(text), "The sample");

test("what JSON.parse reads of integers, parseJson reads alike", () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger().map((n) => n + 0),
      fc.string({ unit: "grapheme" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__"),
        tie("value"),
        { maxKeys: 4 },
      ),
    ),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, "\t"), (sample, indent) => {
      const text = JSON.stringify(sample, null, indent).replaceAll("-0", "0");
      assert.deepEqual(JSON.parse(JSON.stringify(parse(text))), JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

test("each looseness is refused by name", () => {
  const samples: readonly (readonly [text: string, why: string])[] = [
    ['{"a":1,"a":2}', "twice"],
    ['{"a":1,"\\u0061":2}', "twice"],
    ['{"toString":1,"toString":1}', "twice"],
    ['{"__proto__":{}}', "__proto__"],
    ['{"\\u005f_proto__":{}}', "__proto__"],
    ["1.5", "safe integer"],
    ["1.0", "safe integer"],
    ["1e3", "safe integer"],
    ["1E3", "safe integer"],
    ["-0", "safe integer"],
    ["01", "safe integer"],
    ["9007199254740992", "safe integer"],
    ["-9007199254740992", "safe integer"],
    ["+1", "missing"],
    ["NaN", "missing"],
    ["nul", "missing"],
    ["", "ends too early"],
    ["[", "ends too early"],
    ["[1", "does not end"],
    ['{"a":1', "does not end"],
    ['{"a"', "colon"],
    ["{a:1}", "a string is missing"],
    ['{"a":1,}', "a string is missing"],
    ["[1,]", "missing"],
    ["1 2", "more follows"],
    ["{}\0", "more follows"],
    ['"a', "does not end"],
    ['"\n"', "control"],
    ['"\\x41"', "escape"],
    ['"\\u00g0"', "escape"],
    ['"\\ud800"', "surrogate"],
    ['"\\ud800x"', "surrogate"],
    ['"\\ud800\\u0041"', "surrogate"],
    ['"\\udc00"', "surrogate"],
    ["\uFEFF1", "byte order mark"],
    [`${"[".repeat(65)}${"]".repeat(65)}`, "deeper than 64"],
  ];
  for (const [text, why] of samples) refuses("document-invalid", () => parse(text), "The sample", why);
  assert.ok(parse(`${"[".repeat(64)}${"]".repeat(64)}`));
  assert.ok(parse(`[${"[],".repeat(99)}{}]`), "side by side is not deep");
});

test("bytes that are not UTF-8, and too many, are refused", () => {
  refuses("document-invalid", () => parseJson(Uint8Array.of(0x22, 0xff, 0x22), "It"), "UTF-8");
  refuses("document-invalid", () => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), "It"), "UTF-8");
  refuses("document-invalid", () => parseJson(bytesOf("[1,2]"), "It", { maxBytes: 4 }), "at most 4");
  refuses("document-invalid", () => parseJson(bytesOf("[[1]]"), "It", { maxDepth: 1 }), "deeper than 1");
  refuses("home-damaged", () => parseJson(bytesOf("?"), "It", { code: "home-damaged" }));
});

test("an object inherits nothing", () => {
  const object = parse('{"a":{}}') as Record<string, unknown>;
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) assert.equal(object[name], undefined);
  assert.equal((object["a"] as Record<string, unknown>)["constructor"], undefined);
  assert.deepEqual(Object.keys(parse('{"constructor":1,"toString":2}') as object), ["constructor", "toString"]);
});

test("canonical JSON: the same value has the same bytes, whatever the order of its members", () => {
  const value = fc.dictionary(
    fc.string(),
    fc.oneof(
      fc.maxSafeInteger().map((n) => n + 0),
      fc.string(),
      fc.boolean(),
    ),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(value, (sample) => {
      const turned = Object.fromEntries(Object.entries(sample).reverse());
      assert.equal(textOf(canonicalJson(sample)), textOf(canonicalJson(turned)));
      assert.deepEqual(JSON.parse(textOf(canonicalJson(sample))), sample);
    }),
  );
  assert.equal(
    textOf(canonicalJson({ b: [1, null, true], a: 'x"\\\n\u00e9', "10": 1, "9": 2, gone: undefined })),
    '{"10":1,"9":2,"a":"x\\"\\\\\\n\u00e9","b":[1,null,true]}',
  );
  assert.equal(
    textOf(canonicalJson({ "\u{1f600}": 1, "\uff00": 2 })),
    '{"\u{1f600}":1,"\uff00":2}',
    "by UTF-16 code unit",
  );
});

test("what JSON cannot say is a bug of ours", () => {
  for (const value of [1.5, -0, Number.NaN, 2 ** 53, "\ud800", () => 1, undefined, [undefined], { "\ud800": 1 }, 1n]) {
    refuses("internal", () => canonicalJson(value));
  }
});
