import { elfWithBlob } from "./elf.ts";

/** In every Node, once: turned from 0 to 1 it has it look for what it carries. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

/** A program for `platform` out of its Node and what that is to run. Changes `node`. */
export function programOf(platform: string, node: Buffer, blob: Buffer): Buffer {
  burn(node);
  if (platform.startsWith("linux-")) return elfWithBlob(node, blob);
  throw new Error(`No single file can be made for ${platform} yet.`);
}

function burn(node: Buffer): void {
  const at = node.indexOf(FUSE);
  const state = at + FUSE.length;
  if (at < 0 || node[state] !== 0x30 || node.indexOf(FUSE, at + 1) >= 0) {
    throw new Error("This Node cannot carry a program: its fuse is not there, or not once.");
  }
  node[state] = 0x31;
}
