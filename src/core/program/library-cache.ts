const MAGIC = "glibc-ld.so.cache1.1";
const HEADER_BYTES = 48;
const ENTRY_BYTES = 24;
const BIG_ENDIAN = 3;
const MAX_ENTRIES = 65_536;

/**
 * /etc/ld.so.cache of glibc: absolute paths by library name, as the linker would try them. Variants for single CPU features come last.
 * What cannot be read counts as empty.
 */
export function parseLibraryCache(bytes: Uint8Array): ReadonlyMap<string, readonly string[]> {
  const libraries = new Map<string, { path: string; isVariant: boolean }[]>();
  for (const { name, path, isVariant } of entriesOf(bytes)) {
    const known = libraries.get(name);
    if (known === undefined) libraries.set(name, [{ path, isVariant }]);
    else known.push({ path, isVariant });
  }
  return new Map(
    [...libraries].map(([name, found]) => [
      name,
      [...found.filter(({ isVariant }) => !isVariant), ...found.filter(({ isVariant }) => isVariant)].map(
        ({ path }) => path,
      ),
    ]),
  );
}

interface CacheEntry {
  readonly name: string;
  readonly path: string;
  readonly isVariant: boolean;
}

function entriesOf(bytes: Uint8Array): readonly CacheEntry[] {
  // an older form may stand in front; offsets count from the newer one
  const start = startOf(bytes);
  if (start === undefined) return [];
  const cache = bytes.subarray(start);
  const view = new DataView(cache.buffer, cache.byteOffset, cache.byteLength);
  if (view.byteLength < HEADER_BYTES) return [];
  const little = (view.getUint8(28) & 3) !== BIG_ENDIAN;
  const count = Math.min(
    view.getUint32(20, little),
    Math.floor((view.byteLength - HEADER_BYTES) / ENTRY_BYTES),
    MAX_ENTRIES,
  );
  return Array.from({ length: count }, (_, index): CacheEntry => {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    return {
      name: textAt(cache, view.getUint32(at + 4, little)),
      path: textAt(cache, view.getUint32(at + 8, little)),
      isVariant: view.getBigUint64(at + 16, little) !== 0n,
    };
  }).filter(({ name, path }) => name !== "" && path.startsWith("/"));
}

function startOf(bytes: Uint8Array): number | undefined {
  const magic = new TextEncoder().encode(MAGIC);
  const isAt = (at: number) => magic.every((byte, index) => bytes[at + index] === byte);
  if (isAt(0)) return 0;
  for (let at = bytes.indexOf(magic[0] ?? 0, 1); at > 0; at = bytes.indexOf(magic[0] ?? 0, at + 1)) {
    if (isAt(at)) return at;
  }
  return undefined;
}

/** Empty where it has no end. */
function textAt(cache: Uint8Array, at: number): string {
  const end = at >= cache.length ? -1 : cache.indexOf(0, at);
  return end < 0 || end - at > 4096 ? "" : new TextDecoder().decode(cache.subarray(at, end));
}
