import type { ElfProgram } from "../model/program.ts";
import { type ElfFile, offsetOf, type Segment, SegmentType } from "./elf-segments.ts";
import { readDefinitions, readNeeds } from "./elf-versions.ts";
import { unreadable } from "./reach.ts";

const Tag = {
  end: 0,
  needed: 1,
  texts: 5,
  textBytes: 10,
  soname: 14,
  rpath: 15,
  runpath: 29,
  flags1: 0x6ffffffb,
  definitions: 0x6ffffffc,
  definitionCount: 0x6ffffffd,
  needs: 0x6ffffffe,
  needCount: 0x6fffffff,
} as const;

const NO_DEFAULT_FOLDERS = 0x800;
const MAX_ENTRIES = 16_384;
const MAX_LIBRARIES = 1024;

/** Libraries, where to look for them, and the versions of them: nothing for what is linked statically. */
export function readDynamic(file: ElfFile, segments: readonly Segment[]): Partial<ElfProgram> {
  const segment = segments.find(({ type }) => type === SegmentType.dynamic);
  if (segment === undefined) return {};
  const entries = entriesOf(file, segment);
  const first = (tag: number) => entries.find((entry) => entry.tag === tag)?.value;
  const texts = first(Tag.texts);
  if (texts === undefined) return {};
  const textsAt = offsetOf(segments, texts);
  const textsEnd = textsAt + (first(Tag.textBytes) ?? 0);
  const text = (offset: number) => file.reach.text(textsAt + offset, textsEnd);
  const textOf = (tag: number) => {
    const offset = first(tag);
    return offset === undefined ? undefined : text(offset);
  };
  const table = (at: number, count: number) => {
    const address = first(at);
    return address === undefined ? undefined : { at: offsetOf(segments, address), count: first(count) ?? 0, text };
  };
  const needed = entries.filter(({ tag }) => tag === Tag.needed);
  if (needed.length > MAX_LIBRARIES) throw unreadable(`needs ${needed.length} libraries`);
  const soname = textOf(Tag.soname);
  return {
    needed: needed.map(({ value }) => text(value)),
    ...(soname === undefined ? {} : { soname }),
    rpath: foldersOf(textOf(Tag.rpath)),
    runpath: foldersOf(textOf(Tag.runpath)),
    ownFoldersOnly: (((first(Tag.flags1) ?? 0) / NO_DEFAULT_FOLDERS) & 1) === 1,
    requires: readNeeds(file.reach, table(Tag.needs, Tag.needCount)),
    provides: readDefinitions(file.reach, table(Tag.definitions, Tag.definitionCount)),
  };
}

interface Entry {
  readonly tag: number;
  readonly value: number;
}

function entriesOf({ reach, bits }: ElfFile, { offset, bytes }: Segment): readonly Entry[] {
  const word = bits / 8;
  const count = Math.min(Math.floor(bytes / (2 * word)), MAX_ENTRIES);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = offset + index * 2 * word;
    const tag = bits === 64 ? reach.u64(at) : reach.u32(at);
    if (tag === Tag.end) break;
    entries.push({ tag, value: bits === 64 ? reach.u64(at + word) : reach.u32(at + word) });
  }
  return entries;
}

function foldersOf(list: string | undefined): readonly string[] {
  return list === undefined ? [] : list.split(":").filter((folder) => folder !== "");
}
