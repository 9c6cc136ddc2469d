import { createHash, hash } from "node:crypto";
import type { Digester } from "../ports/digest.ts";

/** SHA-256 by OpenSSL. */
export const nodeDigester: Digester = {
  sha256: (bytes) => hash("sha256", bytes, "hex"),
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
