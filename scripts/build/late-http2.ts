import { resolve } from "node:path";
import type { Plugin } from "esbuild";

const NAMESPACE = "late-http2";

/**
 * undici loads its half for HTTP/2, and with it Node's, where it may be needed: a sixth of a bare start, which nothing uses where a server speaks
 * HTTP/1.1. It is one function; here it is loaded when it is called, with the first connection that agrees on HTTP/2.
 */
export const lateHttp2: Plugin = {
  name: NAMESPACE,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /[\\/]client-h2\.js$/ }, ({ path, namespace, resolveDir }) =>
      namespace === NAMESPACE ? { path, namespace: "file" } : { path: resolve(resolveDir, path), namespace: NAMESPACE },
    );
    onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
      contents: `module.exports = (...all) => require(${JSON.stringify(path)})(...all);`,
      loader: "js",
    }));
  },
};
