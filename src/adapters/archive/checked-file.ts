import { createHash } from "node:crypto";
import { EngineryError } from "../../core/errors.ts";
import type { TreeFile } from "../../core/model/tree.ts";
import { quote } from "../../core/quote.ts";
import type { TreeSink } from "../../ports/archive.ts";

/** A file on its way to the sink, hashed as it goes unless the sink reads back; it is finished there only when it is the one that was signed. */
export interface CheckedFile {
  write(bytes: Uint8Array): void;
  /** Errors: `tree-mismatch`, after the sink was told to abandon it. */
  finish(): void;
  abandon(): void;
}

export function openFile(file: TreeFile, tree: TreeSink): CheckedFile {
  const sink = tree.begin(file.path, file.executable);
  const hash = tree.readsBack ? undefined : createHash("sha256");
  let received = 0;
  let open = true;

  function write(bytes: Uint8Array): void {
    hash?.update(bytes);
    received += bytes.length;
    sink.write(bytes);
  }

  function finish(): void {
    const found = hash?.digest("hex");
    if (received === file.bytes && (found === undefined || found === file.sha256)) {
      open = false;
      sink.finish();
      return;
    }
    abandon();
    throw new EngineryError("tree-mismatch", `${quote(file.path)} in the archive is not the file of the signed tree.`, {
      context: { path: file.path, expected: file.sha256, found, expectedBytes: file.bytes, foundBytes: received },
    });
  }

  function abandon(): void {
    if (open) sink.abandon();
    open = false;
  }

  return { write, finish, abandon };
}
