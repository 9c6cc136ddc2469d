import { createHash, hash } from "node:crypto";
import { sha256Short } from "../core/sha256.ts";
import type { Digester } from "../ports/digest.ts";

/** Up to here hashing in JavaScript takes less time than it takes to load `node:crypto`, a fifth of a bare start. */
const SHORT_BYTES = 8192;
let isLoaded = false;

/** SHA-256 by OpenSSL; of what is short by our own, as long as nothing else has loaded OpenSSL. */
export const nodeDigester: Digester = {
  sha256: (bytes) => {
    if (!isLoaded && bytes.length <= SHORT_BYTES) return sha256Short(bytes);
    isLoaded = true;
    return hash("sha256", bytes, "hex");
  },
  start: () => {
    const running = createHash("sha256");
    return {
      update: (bytes) => {
        running.update(bytes);
      },
      finish: () => running.digest("hex"),
    };
  },
};
