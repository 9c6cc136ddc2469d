import type { Plugin } from "esbuild";

/** In a comparison as `assert.equal` makes it. */
const EQUAL = "exports.equal = (found, wanted, message) => { if (found != wanted) throw new TypeError(message); };";
const NAMESPACE = "lean-lock";

/**
 * proper-lockfile loads graceful-fs as its default for a disk, in place of which it is given another one (src/adapters/writer-lock.ts), and
 * signal-exit within it `node:assert` for one comparison, and with it streams and the network: together a third of a bare start.
 */
export const leanLock: Plugin = {
  name: NAMESPACE,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(graceful-fs|assert)$/ }, ({ path, importer }) => {
      if (!/[\\/]proper-lockfile[\\/]/.test(importer)) return undefined;
      return path === "assert" ? { path, namespace: NAMESPACE } : { path: "node:fs", external: true };
    });
    onLoad({ filter: /.*/, namespace: NAMESPACE }, () => ({ contents: EQUAL, loader: "js" }));
  },
};
