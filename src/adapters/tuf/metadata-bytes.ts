import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from "@tufjs/models";
import { EngineryError } from "../../core/errors.ts";
import type { MetadataRole } from "../../ports/authoring.ts";

export type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

/** Errors: `trust-format`. */
export function parseMetadata(role: MetadataRole, bytes: Uint8Array): AnyMetadata {
  return rethrown(role, () => {
    const data = JSON.parse(Buffer.from(bytes).toString("utf8"));
    switch (role) {
      case "root":
        return Metadata.fromJSON(MetadataKind.Root, data);
      case "targets":
        return Metadata.fromJSON(MetadataKind.Targets, data);
      case "snapshot":
        return Metadata.fromJSON(MetadataKind.Snapshot, data);
      case "timestamp":
        return Metadata.fromJSON(MetadataKind.Timestamp, data);
    }
  });
}

/** Whatever a reading library says of bytes that break their format becomes `trust-format`. */
export function rethrown<T>(role: MetadataRole, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof EngineryError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineryError("trust-format", `The ${role} metadata cannot be read: ${reason}.`, { cause });
  }
}

/** Members and signatures in one order, so that the same document is the same bytes; indented, for people who review it. */
export function serialize(metadata: { toJSON(): unknown }): Uint8Array {
  const document = sorted(metadata.toJSON()) as { signatures: { keyid: string }[] };
  document.signatures.sort((a, b) => (a.keyid < b.keyid ? -1 : 1));
  return Buffer.from(`${JSON.stringify(document, null, 1)}\n`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
