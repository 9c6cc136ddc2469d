import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Identifiers } from "../ports/clock.ts";

const DEVICE = "/dev/urandom";
const BYTES = 16;
/** An operation takes some ten names. */
const NAMES_AT_ONCE = 16;

let stock = Buffer.alloc(0);

/** Names from the operating system's randomness: its device, as loading `node:crypto` takes a fifth of a bare start; else that. */
export const nodeIdentifiers: Identifiers = {
  operation: () => {
    if (stock.length === 0) stock = fromDevice(DEVICE, NAMES_AT_ONCE * BYTES) ?? randomBytes(BYTES);
    const name = stock.toString("hex", 0, BYTES);
    stock = stock.subarray(BYTES);
    return name;
  },
};

/** Undefined where there is no such device (Windows), or what is there gives less than it was asked for. */
export function fromDevice(device: string, count: number): Buffer<ArrayBuffer> | undefined {
  try {
    const fd = openSync(device, "r");
    try {
      const bytes = Buffer.alloc(count);
      // a file in its place would give the same names again and again
      const isDevice = fstatSync(fd).isCharacterDevice();
      return isDevice && readSync(fd, bytes, 0, count, null) === count ? bytes : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
