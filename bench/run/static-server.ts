// Serves a folder on loopback in a process of its own, with ranges and kept connections: `static-server.ts FOLDER`, started with a channel.
// Tells its port, and on each message what it has sent since the last one.
import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, normalize } from "node:path";

const [folder = "."] = process.argv.slice(2);
let sent = { bytes: 0, requests: 0 };

const server = createServer({ keepAliveTimeout: 30_000 }, serve);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : undefined });
});
process.on("message", () => {
  process.send?.({ sent });
  sent = { bytes: 0, requests: 0 };
});
process.on("disconnect", () => process.exit());

function serve(request: IncomingMessage, response: ServerResponse): void {
  sent.requests += 1;
  const file = join(folder, normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname)));
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined || status.isDirectory()) {
    response.writeHead(404, { "content-length": 0 }).end();
    return;
  }
  const { start, end } = rangeOf(request.headers.range, status.size);
  const bytes = end - start;
  const ranged =
    request.headers.range === undefined ? {} : { "content-range": `bytes ${start}-${end - 1}/${status.size}` };
  const headers = { "content-length": bytes, "accept-ranges": "bytes", ...typeOf(file), ...ranged };
  response.writeHead(request.headers.range === undefined ? 200 : 206, headers);
  if (request.method === "HEAD" || bytes === 0) {
    response.end();
    return;
  }
  const stream = createReadStream(file, { start, end: end - 1, highWaterMark: 1 << 20 });
  stream.on("data", (piece) => {
    sent.bytes += piece.length;
  });
  stream.on("error", () => response.destroy());
  response.on("close", () => stream.destroy());
  stream.pipe(response);
}

/** From the first byte to after the last one. */
function rangeOf(header: string | undefined, size: number): { readonly start: number; readonly end: number } {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "") return { start: last === "" ? 0 : Math.max(0, size - Number(last)), end: size };
  return { start: Number(first), end: last === "" ? size : Math.min(size, Number(last) + 1) };
}

/** An npm client reads a packument only by its type. */
function typeOf(file: string): Readonly<Record<string, string>> {
  return /\/pnpm\/registry\/[^/.]+$/.test(file) ? { "content-type": "application/json" } : {};
}
