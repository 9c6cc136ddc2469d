import { fstatSync, statSync, writeSync } from "node:fs";

export interface StandardOutput {
  readonly isTerminal: boolean;
  /** How wide a terminal is. */
  readonly columns: number | undefined;
  /** Node's own; whoever asks for it has it loaded. */
  readonly stream: NodeJS.WriteStream;
  write(text: string): void;
  /** When all is written, or has failed to be: the first failure. Once only. */
  end(done: (lost: NodeJS.ErrnoException | undefined) => void): void;
}

/**
 * Stdout or stderr. Files and pipes are written as Node's streams write them, at once and whole, but without those streams, whose
 * loading takes a tenth of a bare start; everything else goes through the stream. Failures wait for `end`.
 */
export function standardOutput(descriptor: 1 | 2, open: () => NodeJS.WriteStream): StandardOutput {
  let direct = kindOf(descriptor) === "plain";
  let opened: NodeJS.WriteStream | undefined;
  let lost: NodeJS.ErrnoException | undefined;
  const stream = () => {
    if (opened === undefined) {
      opened = open();
      // what it lost is told by its last write
      opened.on("error", () => {});
    }
    return opened;
  };
  return {
    get isTerminal() {
      return !direct && stream().isTTY === true;
    },
    get columns() {
      return !direct && stream().isTTY === true ? stream().columns : undefined;
    },
    get stream() {
      return stream();
    },
    write: (text) => {
      const rest = direct ? writeWhole(descriptor, Buffer.from(text)) : text;
      if (rest instanceof Error) lost ??= rest;
      else if (rest.length > 0) {
        direct = false;
        stream().write(rest);
      }
    },
    end: (done) => {
      if (opened === undefined) done(lost);
      else opened.write("", (error) => done(lost ?? error ?? undefined));
    },
  };
}

/** Whether somebody sits at this descriptor. */
export function isTerminal(descriptor: 0, open: () => { readonly isTTY: boolean }): boolean {
  return kindOf(descriptor) === "other" && open().isTTY === true;
}

/** `plain`: a write to it returns when it is done. */
function kindOf(descriptor: number): "plain" | "other" {
  if (process.platform === "win32") return "other";
  try {
    const status = fstatSync(descriptor);
    if (status.isFile() || status.isFIFO() || status.isSocket()) return "plain";
    return status.isCharacterDevice() && status.rdev === statSync("/dev/null").rdev ? "plain" : "other";
  } catch {
    return "other";
  }
}

/** What a reader that is slow left over, where the descriptor does not wait; the failure, where there was one. */
function writeWhole(descriptor: number, bytes: Buffer): Buffer | NodeJS.ErrnoException {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(descriptor, bytes, done);
    return bytes.subarray(done);
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    return failure.code === "EAGAIN" ? bytes.subarray(done) : failure;
  }
}
