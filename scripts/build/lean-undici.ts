import { resolve } from "node:path";
import type { Plugin } from "esbuild";

const LATE = "late-http2";
const STAND_IN = "http-stand-in";
/** What it asks of `node:http`: a limit, which is Node's own default, and the class of requests that a server of Node's was sent, of which we have none. */
const HTTP = "exports.maxHeaderSize = 16 * 1024;\nexports.IncomingMessage = class {};";

/**
 * undici loads its half for HTTP/2, and with it Node's, where it may be needed, and Node's own HTTP for a limit and a comparison: together some
 * 9 ms under Node's profiler. The first is one function: here it is loaded when it is called, with the first connection that agrees on HTTP/2.
 */
export const leanUndici: Plugin = {
  name: "lean-undici",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /[\\/]client-h2\.js$/ }, ({ path, namespace, resolveDir }) =>
      namespace === LATE
        ? { path, namespace: "file" }
        : // its name is in what is built: no folder of whoever builds
          { path: "client-h2", namespace: LATE, pluginData: resolve(resolveDir, path) },
    );
    onLoad({ filter: /.*/, namespace: LATE }, ({ pluginData }) => ({
      contents: `module.exports = (...all) => require(${JSON.stringify(pluginData)})(...all);`,
      loader: "js",
    }));
    onResolve({ filter: /^node:http$/ }, ({ path, importer }) =>
      /[\\/]undici[\\/]lib[\\/](?:core[\\/]util|dispatcher[\\/]client)\.js$/.test(importer)
        ? { path, namespace: STAND_IN }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: STAND_IN }, () => ({ contents: HTTP, loader: "js" }));
  },
};
