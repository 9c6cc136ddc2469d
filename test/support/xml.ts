/** A strict reader of what our pictures and pages use of XML: anything else throws, with the place. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

const NAME = /[A-Za-z][A-Za-z0-9:-]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** The one element of a document; a doctype of HTML before it is let pass. */
export function parseXml(document: string): XmlElement {
  const text = document.replace(/^<!doctype html>\n/, "");
  const forbidden = /[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  if (forbidden !== null) throw new Error(`a character that XML does not know, at ${forbidden.index}`);
  const reader = { text, at: 0 };
  const root = element(reader);
  if (reader.text.slice(reader.at).trim() !== "") throw fault(reader, "something after the root");
  return root;
}

/** All elements of that name below, in order, itself included. */
export function elementsOf(root: XmlElement, name?: string): readonly XmlElement[] {
  const below = root.children.flatMap((child) => (typeof child === "string" ? [] : elementsOf(child, name)));
  return name === undefined || root.name === name ? [root, ...below] : below;
}

export function textOf(root: XmlElement): string {
  return root.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
}

export function hasClass(root: XmlElement, name: string): boolean {
  return (root.attributes["class"] ?? "").split(" ").includes(name);
}

interface Reader {
  readonly text: string;
  at: number;
}

function element(reader: Reader): XmlElement {
  expect(reader, "<");
  const name = match(reader, NAME);
  const attributes = attributesOf(reader);
  if (accept(reader, "/>")) return { name, attributes, children: [] };
  expect(reader, ">");
  const children: (XmlElement | string)[] = [];
  while (!reader.text.startsWith("</", reader.at)) {
    if (reader.at >= reader.text.length) throw fault(reader, `${name} has no end`);
    children.push(reader.text[reader.at] === "<" ? element(reader) : characters(reader));
  }
  expect(reader, `</${name}>`);
  return { name, attributes, children };
}

function attributesOf(reader: Reader): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  while (accept(reader, " ")) {
    if (reader.text.startsWith("/>", reader.at)) break;
    const name = match(reader, NAME);
    if (Object.hasOwn(found, name)) throw fault(reader, `${name} twice`);
    expect(reader, '="');
    const end = reader.text.indexOf('"', reader.at);
    const raw = reader.text.slice(reader.at, end);
    if (end < 0 || raw.includes("<")) throw fault(reader, `${name} has no sound value`);
    found[name] = decoded(reader, raw);
    reader.at = end + 1;
  }
  return found;
}

function characters(reader: Reader): string {
  const end = reader.text.indexOf("<", reader.at);
  if (end < 0) throw fault(reader, "text without an end");
  const raw = reader.text.slice(reader.at, end);
  if (raw.includes("]]>")) throw fault(reader, "]]> in text");
  const text = decoded(reader, raw);
  reader.at = end;
  return text;
}

function decoded(reader: Reader, raw: string): string {
  return raw.replaceAll(/&([^;&]*);?/g, (whole, name: string) => {
    const character = ENTITIES[name];
    if (character === undefined || !whole.endsWith(";")) throw fault(reader, `the entity ${whole}`);
    return character;
  });
}

function match(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) throw fault(reader, "no name");
  reader.at += found.length;
  return found;
}

function accept(reader: Reader, text: string): boolean {
  if (!reader.text.startsWith(text, reader.at)) return false;
  reader.at += text.length;
  return true;
}

function expect(reader: Reader, text: string): void {
  if (!accept(reader, text)) throw fault(reader, `${text} is missing`);
}

function fault({ text, at }: Reader, what: string): Error {
  return new Error(`${what} at ${at}: ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 60))}`);
}
