import type { Sha256 } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import { encodeTree } from "../core/parse-tree.ts";
import type { Digester } from "../ports/digest.ts";
import { type Durable, durableWrites } from "./durable.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { StorePorts } from "./ports.ts";
import { homeReading, type Reading } from "./reading.ts";

/** What every room of the store stands on. */
export interface Ground extends StorePorts {
  readonly layout: Layout;
  readonly durable: Durable;
  readonly reading: Reading;
  /** A release's identity: sha256 of the canonical JSON of its tree. */
  treeDigest(tree: Tree): Sha256;
  /** `tree` was read from bytes that have this digest. */
  knowDigest(tree: Tree, digest: Sha256): void;
}

export function groundOf(home: string, ports: StorePorts): Ground {
  const layout = layoutOf(withSlashes(home));
  const reading = homeReading(ports.fileSystem, layout);
  return {
    fileSystem: ports.fileSystem,
    clock: ports.clock,
    identifiers: ports.identifiers,
    digester: ports.digester,
    hashing: ports.hashing,
    removing: ports.removing,
    host: ports.host,
    reporter: ports.reporter,
    layout,
    durable: durableWrites(ports.fileSystem, ports.identifiers, layout, reading.refuseLinks),
    reading,
    ...treeDigests(ports.digester),
  };
}

/** A tree is never changed, and to spell out one of thousands of files takes its time. */
function treeDigests(digester: Digester): Pick<Ground, "treeDigest" | "knowDigest"> {
  const digests = new WeakMap<Tree, Sha256>();
  return {
    treeDigest: (tree) => {
      const known = digests.get(tree) ?? digester.sha256(encodeTree(tree));
      digests.set(tree, known);
      return known;
    },
    knowDigest: (tree, digest) => {
      digests.set(tree, digest);
    },
  };
}

/** One spelling of a home's path: Windows takes `/` too, and what is joined to it must find its parents. */
function withSlashes(home: string): string {
  const isOfWindows = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(home);
  const path = isOfWindows ? home.replaceAll("\\", "/") : home;
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
