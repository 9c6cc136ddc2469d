import { elfWithBlob } from "./elf.ts";
import { machOWithBlob } from "./mach-o.ts";
import { windowsWithBlob } from "./windows.ts";

/** In every Node, once: turned from 0 to 1 it has it look for what it carries. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

/** Where nothing may follow a program's last byte: what is carried is made before it, and lies within. */
export function carriesWithin(platform: string): boolean {
  return platform.startsWith("darwin-");
}

/** A program for `platform` out of its Node, what that is to run, and what it carries within. Changes `node`. */
export function programOf(platform: string, node: Buffer, blob: Buffer, payload: Buffer | undefined): Buffer {
  burn(node);
  if (platform.startsWith("darwin-")) return machOWithBlob(node, blob, payload);
  return platform.startsWith("win32-") ? windowsWithBlob(node, blob) : elfWithBlob(node, blob);
}

function burn(node: Buffer): void {
  const at = node.indexOf(FUSE);
  const state = at + FUSE.length;
  if (at < 0 || node[state] !== 0x30 || node.indexOf(FUSE, at + 1) >= 0) {
    throw new Error("This Node cannot carry a program: its fuse is not there, or not once.");
  }
  node[state] = 0x31;
}
