import { EngineryError } from "../errors.ts";
import { isLoopback } from "../location.ts";
import { quote } from "../quote.ts";

export type MetricsAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** A socket's path on Linux and macOS holds no more. */
const MAX_SOCKET_PATH = 100;

/** `127.0.0.1:PORT`, `[::1]:PORT`, `localhost:PORT` (port 0: any that is free) or `unix:/PATH`. Errors: `usage` for whatever others could reach. */
export function parseMetricsAddress(text: string): MetricsAddress {
  if (text.startsWith("unix:")) return { kind: "unix", path: socketPath(text.slice("unix:".length)) };
  const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === "" || Number(port) > 65_535) throw refused(text, "is not of the form HOST:PORT");
  if (!isLoopback(host)) throw refused(text, "could be reached from other machines");
  return { kind: "tcp", host: host === "[::1]" ? "::1" : host, port: Number(port) };
}

function socketPath(path: string): string {
  if (!path.startsWith("/") || path.includes("\0")) throw refused(`unix:${path}`, "is not an absolute path");
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH)
    throw refused(`unix:${path}`, "is too long for a socket");
  return path;
}

function refused(text: string, why: string): EngineryError {
  return new EngineryError("usage", `The address for metrics ${quote(text)} ${why}.`, {
    hint: "Write 127.0.0.1:PORT or unix:/PATH; a proxy of your own can serve it further.",
  });
}
