import { ceilTo } from "./round.ts";

/** The type of plain data. */
export const RESOURCE_DATA = 10;
const DIRECTORY_BYTES = 16;
const ENTRY_BYTES = 8;
const LEAF_BYTES = 16;
const BELOW = 0x80000000;

/** By number, or by name. */
type Key = number | string;

/** Where the bytes lie in memory, or the bytes of a new one. */
type Leaf =
  | { readonly address: number; readonly bytes: number; readonly codePage: number }
  | { readonly content: Buffer };
export type Resources = Map<Key, Resources | Leaf>;

/** The tree of a program's resources: type, name, language. `section` begins with its root. */
export function parseResources(section: Buffer, at = 0): Resources {
  const count = section.readUInt16LE(at + 12) + section.readUInt16LE(at + 14);
  return new Map(
    Array.from({ length: count }, (_, index): [Key, Resources | Leaf] => {
      const entry = at + DIRECTORY_BYTES + index * ENTRY_BYTES;
      const [key, to] = [section.readUInt32LE(entry), section.readUInt32LE(entry + 4)];
      const below = to >= BELOW ? parseResources(section, to - BELOW) : leafAt(section, to);
      return [key >= BELOW ? nameAt(section, key - BELOW) : key, below];
    }),
  );
}

/** With one more, in the language that is none. */
export function withResource(resources: Resources, type: number, name: string, content: Buffer): Resources {
  const known = resources.get(type);
  const names = known instanceof Map ? known : new Map<Key, Resources | Leaf>();
  const languages: Resources = new Map([[0, { content }]]);
  const all: Resources = new Map([...names, [name, languages]]);
  return new Map([...resources, [type, all]]);
}

/** Tables, then names, then where the bytes lie, then new bytes; for a section that is loaded at `address`. */
export function encodeResources(resources: Resources, address: number): Buffer {
  const tables = tablesOf(resources);
  const leaves = tables.flatMap((table) => [...table.values()].filter((each): each is Leaf => !(each instanceof Map)));
  const names = [...new Set(tables.flatMap((table) => [...table.keys()].filter((key) => typeof key === "string")))];
  const tableBytes = (table: Resources) => DIRECTORY_BYTES + table.size * ENTRY_BYTES;
  const tableAt = placesOf(tables, 0, tableBytes);
  const nameAt = placesOf(names, tableAt.end, (name) => 2 + name.length * 2);
  const leafAt = placesOf(leaves, ceilTo(nameAt.end, 8), () => LEAF_BYTES);
  const contentAt = placesOf(leaves, ceilTo(leafAt.end, 16), (leaf) =>
    "content" in leaf ? ceilTo(leaf.content.length, 16) : 0,
  );
  const out = Buffer.alloc(contentAt.end);
  for (const table of tables) {
    const at = tableAt.of(table);
    // named ones come first, each kind in its order
    const entries = [...table].sort(([one], [other]) => inOrder(one, other));
    const named = entries.filter(([key]) => typeof key === "string").length;
    out.writeUInt16LE(named, at + 12);
    out.writeUInt16LE(entries.length - named, at + 14);
    for (const [index, [key, below]] of entries.entries()) {
      const entry = at + DIRECTORY_BYTES + index * ENTRY_BYTES;
      out.writeUInt32LE(typeof key === "string" ? BELOW + nameAt.of(key) : key, entry);
      out.writeUInt32LE(below instanceof Map ? BELOW + tableAt.of(below) : leafAt.of(below as Leaf), entry + 4);
    }
  }
  for (const name of names) {
    out.writeUInt16LE(name.length, nameAt.of(name));
    out.write(name, nameAt.of(name) + 2, "utf16le");
  }
  for (const leaf of leaves) {
    const isNew = "content" in leaf;
    out.writeUInt32LE(isNew ? address + contentAt.of(leaf) : leaf.address, leafAt.of(leaf));
    out.writeUInt32LE(isNew ? leaf.content.length : leaf.bytes, leafAt.of(leaf) + 4);
    out.writeUInt32LE(isNew ? 0 : leaf.codePage, leafAt.of(leaf) + 8);
    if (isNew) leaf.content.copy(out, contentAt.of(leaf));
  }
  return out;
}

function tablesOf(resources: Resources): readonly Resources[] {
  const below = [...resources.values()].filter((each): each is Resources => each instanceof Map);
  return [resources, ...below.flatMap(tablesOf)];
}

function inOrder(one: Key, other: Key): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "string" && typeof other === "string") return one < other ? -1 : 1;
  return typeof one === "string" ? -1 : 1;
}

function placesOf<T>(all: readonly T[], start: number, bytesOf: (one: T) => number) {
  const places = new Map<T, number>();
  let end = start;
  for (const one of all) {
    places.set(one, end);
    end += bytesOf(one);
  }
  const of = (one: T): number => {
    const place = places.get(one);
    if (place === undefined) throw new Error("A resource has no place.");
    return place;
  };
  return { end, of };
}

function leafAt(section: Buffer, at: number): Leaf {
  return {
    address: section.readUInt32LE(at),
    bytes: section.readUInt32LE(at + 4),
    codePage: section.readUInt32LE(at + 8),
  };
}

function nameAt(section: Buffer, at: number): string {
  return section.toString("utf16le", at + 2, at + 2 + section.readUInt16LE(at) * 2);
}
