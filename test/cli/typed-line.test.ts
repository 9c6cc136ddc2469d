// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are lines of shells
import assert from "node:assert/strict";
import { test } from "node:test";
import { readTypedLine } from "../../src/cli/completing/typed-line.ts";

const VARIABLES = { HOME: "/home/x", PLACE: "/srv/my engines" };
const read = (line: string) => readTypedLine(line, VARIABLES);

test("words lose their quotes, and the last one keeps how it was begun", () => {
  const line = read("enginery pin 'a b' \"c d\" e\\ f 'g h");
  assert.deepEqual(line?.words, ["enginery", "pin", "a b", "c d", "e f"]);
  assert.deepEqual(line?.last, { raw: "'g h", text: "g h", quote: "'" });
  assert.deepEqual(read("enginery which ")?.last, { raw: "", text: "", quote: "" });
  assert.deepEqual(read("enginery which xs")?.last, { raw: "xs", text: "xs", quote: "" });
  assert.deepEqual(read('enginery which "a\\"b\\c')?.last.text, 'a"b\\c');
});

test("a home is found where the shell would find it", () => {
  assert.deepEqual(read("enginery --home ~/e which ")?.words[2], "/home/x/e");
  assert.deepEqual(read("enginery --home=~/e which ")?.words[1], "--home=/home/x/e");
  assert.deepEqual(read('enginery --home "$PLACE/a" which ')?.words[2], "/srv/my engines/a");
  assert.deepEqual(read("enginery --home ${PLACE}a which ")?.words[2], "/srv/my enginesa");
  assert.deepEqual(read("enginery --home '$PLACE' which ")?.words[2], "$PLACE");
  assert.deepEqual(read("enginery --home a~/b which ")?.words[2], "a~/b");
});

test("what is set for the line alone stands before the command", () => {
  const line = read("ENGINERY_HOME=~/e X='1 2' enginery use x");
  assert.deepEqual(line?.env, { ENGINERY_HOME: "/home/x/e", X: "1 2" });
  assert.deepEqual(line?.words, ["enginery", "use"]);
});

test("what a shell would have to run is left alone", () => {
  assert.equal(read("enginery --home $(pwd) which "), undefined);
  assert.equal(read("enginery --home `pwd` which "), undefined);
  assert.equal(read('enginery --home "$(pwd)" which '), undefined);
});
