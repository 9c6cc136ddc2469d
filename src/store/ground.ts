import type { Sha256 } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import { encodeTree } from "../core/parse-tree.ts";
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
    host: ports.host,
    reporter: ports.reporter,
    layout,
    durable: durableWrites(ports.fileSystem, ports.identifiers, layout, reading.refuseLinks),
    reading,
    treeDigest: remembering((tree) => ports.digester.sha256(encodeTree(tree))),
  };
}

/** A tree is never changed, and to spell out one of thousands of files takes its time. */
function remembering(digestOf: (tree: Tree) => Sha256): (tree: Tree) => Sha256 {
  const digests = new WeakMap<Tree, Sha256>();
  return (tree) => {
    const known = digests.get(tree) ?? digestOf(tree);
    digests.set(tree, known);
    return known;
  };
}

/** One spelling of a home's path: Windows takes `/` too, and what is joined to it must find its parents. */
function withSlashes(home: string): string {
  const isOfWindows = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(home);
  const path = isOfWindows ? home.replaceAll("\\", "/") : home;
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
