import type { JsonValue } from "./json.ts";
import { quote } from "./quote.ts";

/** An object whose prototype is empty and frozen: as safe as one without a prototype, and several times faster to fill. */
const Bare = function Bare() {} as unknown as new () => Record<string, JsonValue>;
Bare.prototype = Object.freeze(Object.create(null));

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const INTEGER = /-?(?:0|[1-9][0-9]*)/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const UNICODE = /[0-9a-fA-F]{4}/y;
const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

export interface ParserLimits {
  readonly maxDepth: number;
  /** Numbers that are no safe integers are NaN rather than refused. */
  readonly anyNumber: boolean;
}

/** One pass over the text; `refuse` never returns. See `parseJson` for what is refused. */
export class JsonParser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #anyNumber: boolean;
  readonly #refuse: (why: string) => never;
  #at = 0;
  #depth = 0;

  constructor(text: string, limits: ParserLimits, refuse: (why: string) => never) {
    this.#text = text;
    this.#maxDepth = limits.maxDepth;
    this.#anyNumber = limits.anyNumber;
    this.#refuse = refuse;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("more follows after its end");
    return value;
  }

  #value(): JsonValue {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      case undefined:
        return this.#fail("it ends too early");
      default:
        return this.#number();
    }
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) this.#fail(`it nests deeper than ${this.#maxDepth}`);
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): JsonValue {
    const object = new Bare();
    if (this.#takes("}")) return object;
    do {
      this.#skipSpace();
      const name = this.#string();
      if (name === "__proto__") this.#fail("a member is called __proto__");
      if (name in object) this.#fail(`the member ${quote(name)} is there twice`);
      if (!this.#takes(":")) this.#fail("a colon is missing");
      object[name] = this.#value();
    } while (this.#takes(","));
    if (!this.#takes("}")) this.#fail("an object does not end");
    return object;
  }

  #array(): JsonValue {
    const array: JsonValue[] = [];
    if (this.#takes("]")) return array;
    do array.push(this.#value());
    while (this.#takes(","));
    if (!this.#takes("]")) this.#fail("an array does not end");
    return array;
  }

  #string(): string {
    if (this.#text.charCodeAt(this.#at) !== QUOTE) this.#fail("a string is missing");
    this.#at += 1;
    let text = "";
    for (let start = this.#at; ; ) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) {
        text += this.#text.slice(start, this.#at);
        this.#at += 1;
        return text;
      }
      if (code === BACKSLASH) {
        text += this.#text.slice(start, this.#at);
        text += this.#escape();
        start = this.#at;
        continue;
      }
      if (Number.isNaN(code)) this.#fail("a string does not end");
      if (code < 0x20) this.#fail("a string holds a control character");
      this.#at += 1;
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const unit = this.#unicode();
      if (unit >= 0xdc00 && unit <= 0xdfff) this.#fail("a string holds half a surrogate pair");
      if (unit < 0xd800 || unit > 0xdbff) return String.fromCharCode(unit);
      const isPair = this.#text[this.#at] === "\\" && this.#text[this.#at + 1] === "u";
      const low = isPair ? this.#unicode() : 0;
      if (low < 0xdc00 || low > 0xdfff) this.#fail("a string holds half a surrogate pair");
      return String.fromCharCode(unit, low);
    }
    this.#at += 2;
    return SIMPLE_ESCAPES.get(letter) ?? this.#fail("a string holds an unknown escape");
  }

  #unicode(): number {
    UNICODE.lastIndex = this.#at + 2;
    const digits = UNICODE.exec(this.#text)?.[0] ?? this.#fail("a string holds an unknown escape");
    this.#at += 6;
    return Number.parseInt(digits, 16);
  }

  #number(): number {
    const form = this.#anyNumber ? NUMBER : INTEGER;
    form.lastIndex = this.#at;
    const digits = form.exec(this.#text)?.[0] ?? this.#fail("a value is missing");
    const number = Number(digits);
    const isWhole = Number.isSafeInteger(number) && !Object.is(number, -0) && !/[.eE]/.test(digits);
    const goesOn = /[0-9.eE]/.test(this.#text[this.#at + digits.length] ?? "");
    if (goesOn || !(isWhole || this.#anyNumber)) this.#fail("a number is not a safe integer");
    this.#at += digits.length;
    return isWhole ? number : Number.NaN;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail("a value is missing");
    this.#at += word.length;
    return value;
  }

  #takes(character: string): boolean {
    this.#skipSpace();
    const isThere = this.#text[this.#at] === character;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #fail(why: string): never {
    return this.#refuse(`${why} (at character ${this.#at})`);
  }
}
