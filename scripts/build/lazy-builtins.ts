import { createRequire } from "node:module";
import type { Plugin } from "esbuild";

const require = createRequire(import.meta.url);
const NAMESPACE = "lazy-builtin";
/** Loaded already when Node runs a first line of ours. */
const THERE_ALREADY = new Set(["fs", "path", "vm", "process", "buffer", "events", "timers", "module", "console"]);

/**
 * Loads a module of Node when the first of its members is used, and not where it is imported: `node:crypto` alone takes a fifth of a
 * bare start. For CommonJS output. A module that is itself a function is loaded where it is imported.
 */
export const lazyBuiltins: Plugin = {
  name: NAMESPACE,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_0-9]+(\/[a-z]+)?$/ }, ({ path, namespace, kind }) => {
      if (namespace === NAMESPACE || kind === "entry-point" || !isLater(path)) return undefined;
      return { path: path.replace(/^node:/, ""), namespace: NAMESPACE };
    });
    onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: lazily(path), loader: "js" }));
  },
};

function isLater(path: string): boolean {
  const name = path.replace(/^node:/, "");
  const { isBuiltin } = require("node:module") as typeof import("node:module");
  return isBuiltin(path) && !THERE_ALREADY.has(name) && typeof require(path) === "object";
}

/** Its prototype asks the module: what esbuild makes of an import copies the members that an object has of its own, and keeps its prototype. */
function lazily(name: string): string {
  return `
let found;
const load = () => (found ??= require(${JSON.stringify(`node:${name}`)}));
const asked = { get: (_, member) => load()[member], has: (_, member) => member in load() };
module.exports = Object.create(new Proxy({}, asked));`;
}
