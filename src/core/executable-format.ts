import { elfMachine } from "./program/machines.ts";

/** What the first bytes of a program say of where it can run: a quick look before a start. program/ looks closer. */
export type ExecutableFormat =
  | { readonly kind: "elf"; readonly machine: string; readonly interpreter: string | undefined }
  | { readonly kind: "script"; readonly interpreter: string }
  | { readonly kind: "mach-o" | "pe" | "unknown" };

/** As many bytes of the beginning as `readFormat` looks at. */
export const FORMAT_BYTES = 4096;

const MACH_O = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe, 0xcafebabf]);
const SYSTEM_OF = { elf: "linux", "mach-o": "darwin", pe: "win32" } as const;

/** `head`: the file's first bytes, at most FORMAT_BYTES of them are looked at. */
export function readFormat(head: Uint8Array): ExecutableFormat {
  const view = new DataView(head.buffer, head.byteOffset, Math.min(head.length, FORMAT_BYTES));
  if (view.byteLength < 4) return { kind: "unknown" };
  const magic = view.getUint32(0);
  if (magic === 0x7f454c46) return readElf(view);
  if (magic >>> 16 === 0x2321) return readScript(head);
  if (MACH_O.has(magic)) return { kind: "mach-o" };
  return { kind: magic >>> 16 === 0x4d5a ? "pe" : "unknown" };
}

/** Why this cannot run on `platform`, as the end of a sentence; undefined where nothing speaks against it. */
export function formatProblem(format: ExecutableFormat, platform: string): string | undefined {
  const [system, machine] = platform.split("-");
  if (format.kind === "unknown" || format.kind === "script") return undefined;
  if (SYSTEM_OF[format.kind] !== system) return `is a program for another system (${format.kind})`;
  if (format.kind === "elf" && format.machine !== machine) {
    return `is built for the architecture ${format.machine}, this host is ${machine}`;
  }
  return undefined;
}

function readElf(view: DataView): ExecutableFormat {
  if (view.byteLength < 64) return { kind: "unknown" };
  const little = view.getUint8(5) === 1;
  const is64 = view.getUint8(4) === 2;
  const machine = elfMachine(view.getUint16(18, little), is64 ? 64 : 32, little);
  return { kind: "elf", machine, interpreter: is64 ? elfInterpreter(view, little) : undefined };
}

/** The loader that a dynamically linked program asks for (PT_INTERP). */
function elfInterpreter(view: DataView, little: boolean): string | undefined {
  const start = Number(view.getBigUint64(32, little));
  const size = view.getUint16(54, little);
  const count = view.getUint16(56, little);
  for (let index = 0; index < count; index += 1) {
    const offset = start + index * size;
    if (offset + 56 > view.byteLength) return undefined;
    if (view.getUint32(offset, little) !== 3) continue;
    const from = Number(view.getBigUint64(offset + 8, little));
    const length = Number(view.getBigUint64(offset + 32, little));
    return from + length > view.byteLength ? undefined : textOf(view, from, length).replace(/\0.*$/s, "");
  }
  return undefined;
}

function readScript(head: Uint8Array): ExecutableFormat {
  const line = new TextDecoder().decode(head.subarray(2, 258)).split("\n", 1)[0] ?? "";
  const interpreter = line.trim().split(/[ \t]/, 1)[0] ?? "";
  return interpreter === "" ? { kind: "unknown" } : { kind: "script", interpreter };
}

const textOf = (view: DataView, from: number, length: number): string =>
  new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + from, length));
