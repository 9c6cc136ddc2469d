import type { WebRules } from "./open-web.ts";

/** Credentials in an address go to its own origin only. */
export function credentialsOf(from: URL): WebRules["headersFor"] {
  if (from.username === "" && from.password === "") return () => ({});
  const pair = `${decodeURIComponent(from.username)}:${decodeURIComponent(from.password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  return (url) => (url.origin === from.origin ? { authorization } : {});
}
