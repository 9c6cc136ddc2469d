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

function lazily(name: string): string {
  const specifier = JSON.stringify(`node:${name}`);
  const getters = Object.keys(require(`node:${name}`) as object).map(
    (member) => `get ${JSON.stringify(member)}() { return load()[${JSON.stringify(member)}]; }`,
  );
  return `let found; const load = () => (found ??= require(${specifier}));\nmodule.exports = {\n${getters.join(",\n")}\n};`;
}
