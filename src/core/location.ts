import valid from "semver/functions/valid.js";
import { EngineryError } from "./errors.ts";

/** Where bytes come from, as Fetcher's callers write it. */
export type Location =
  | { readonly kind: "web"; readonly url: string }
  | { readonly kind: "file"; readonly url: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "npm"; readonly name: string; readonly version: string }
  | { readonly kind: "embedded"; readonly path: string };

/** The repository that a single-file program carries (docs/guides/single-file.md). */
export const EMBEDDED = "embedded:";

const ABSOLUTE_FOLDER = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;
const NPM = /^npm:((?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*)@([^@]+)$/;

/** Errors: `source-refused` for whatever is not https:, http: to this machine (or anywhere with `allowHttp`), file:, an absolute folder, npm:, embedded:. */
export function parseLocation(text: string, rules: { readonly allowHttp: boolean }): Location {
  if (ABSOLUTE_FOLDER.test(text)) return { kind: "folder", path: text };
  if (text.startsWith("npm:")) return parseNpm(text);
  if (text.startsWith(EMBEDDED)) return { kind: "embedded", path: text.slice(EMBEDDED.length) };
  const url = URL.parse(text);
  if (url === null) throw refused(text, "is not an address");
  if (url.protocol === "file:") return { kind: "file", url: url.href };
  const problem = webProblem(url, rules);
  if (problem !== undefined) throw refused(text, problem);
  return { kind: "web", url: url.href };
}

/** Bytes that are on this machine already. */
export function isLocal(text: string): boolean {
  return ABSOLUTE_FOLDER.test(text) || text.startsWith(EMBEDDED) || /^file:/i.test(text);
}

function parseNpm(text: string): Location {
  const [, name, version] = NPM.exec(text) ?? [];
  if (name === undefined || version === undefined || valid(version) !== version) {
    throw refused(text, "is not of the form npm:NAME@MAJOR.MINOR.PATCH");
  }
  return { kind: "npm", name, version };
}

/** What forbids fetching from this URL; undefined where nothing does. */
export function webProblem(url: URL, rules: { readonly allowHttp: boolean }): string | undefined {
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return `has the scheme ${url.protocol}`;
  if (rules.allowHttp || isLoopback(url.hostname)) return undefined;
  return "is plain http: to another machine";
}

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Where a redirect leads, if it may be followed: the same origin, or, for archives in the npm registry, another https origin.
 * Errors: `redirect-refused`.
 */
export function followRedirect(from: URL, to: string | undefined, rules: { readonly otherOrigins: boolean }): URL {
  const next = to === undefined ? null : URL.parse(to, from.href);
  if (next === null) throw redirectRefused(from, "sends us on without a usable address");
  if (next.username !== "" || next.password !== "")
    throw redirectRefused(from, `sends us to ${redacted(next.href)} with credentials`);
  if (next.origin === from.origin && next.origin !== "null") return next;
  if (rules.otherOrigins && next.protocol === "https:") return next;
  throw redirectRefused(
    from,
    `sends us to ${next.origin === "null" ? next.protocol : next.origin}, which is not allowed`,
  );
}

/** `path` below `base`, which may be any location but npm:. A query of the base stays. */
export function below(base: string, path: string): string {
  if (base === EMBEDDED) return `${EMBEDDED}${path}`;
  const url = ABSOLUTE_FOLDER.test(base) ? null : URL.parse(base);
  if (url === null) return `${base.replace(/[\\/]+$/, "")}/${path}`;
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  return url.href;
}

/** For messages and records: without credentials, query and fragment. */
export function redacted(text: string): string {
  if (ABSOLUTE_FOLDER.test(text)) return text;
  const url = URL.parse(text);
  if (url === null || text.startsWith("npm:")) return text;
  if (url.username !== "" || url.password !== "") {
    url.username = "***";
    url.password = "";
  }
  url.search = url.search === "" ? "" : "?***";
  url.hash = "";
  return url.href;
}

function refused(text: string, problem: string): EngineryError {
  return new EngineryError("source-refused", `The address ${redacted(text)} ${problem}.`, {
    context: { location: redacted(text) },
  });
}

function redirectRefused(from: URL, problem: string): EngineryError {
  return new EngineryError("redirect-refused", `${redacted(from.href)} ${problem}.`, {
    context: { from: redacted(from.href) },
  });
}
