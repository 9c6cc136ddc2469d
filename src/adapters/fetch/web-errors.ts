import { EngineryError } from "../../core/errors.ts";
import { redacted } from "../../core/location.ts";

const TIMEOUTS: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: "it did not accept the connection in time",
  ETIMEDOUT: "it did not accept the connection in time",
  UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
  UND_ERR_BODY_TIMEOUT: "it stopped sending",
};

const MEANS: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "its name could not be looked up",
  ECONNREFUSED: "it refuses the connection",
  ECONNRESET: "it broke the connection off",
  UND_ERR_SOCKET: "it broke the connection off",
  ERR_STREAM_PREMATURE_CLOSE: "it broke the connection off",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "it sent another number of bytes than it said",
  ENETUNREACH: "there is no way to it from here",
  EHOSTUNREACH: "there is no way to it from here",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not one that is trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not one that is trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not one that is trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not one that is trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

/** What undici or the system says of an exchange, in our words. */
export function translateWebError(error: unknown, url: URL): EngineryError {
  if (error instanceof EngineryError) return error;
  const code = codeOf(error);
  const where = redacted(url.href);
  const late = TIMEOUTS[code];
  if (late !== undefined)
    return new EngineryError("timeout", `No answer from ${where}: ${late}.`, {
      context: { location: where },
      cause: error,
    });
  const means = MEANS[code] ?? (error instanceof Error ? error.message : String(error));
  return new EngineryError("network", `Cannot fetch ${where}: ${means} (${code}).`, {
    context: { location: where, code },
    cause: error,
  });
}

export function statusError(status: number, url: URL): EngineryError {
  const where = redacted(url.href);
  const context = { location: where, status };
  if (status === 404 || status === 403 || status === 410) {
    return new EngineryError("missing", `There is no ${where} (HTTP ${status}).`, {
      hint: "Check the address.",
      context,
    });
  }
  const denied = status === 401 || status === 407;
  return new EngineryError("http-status", `${where} answered with HTTP ${status}.`, {
    context,
    ...(denied
      ? { hint: status === 407 ? "Give the proxy's credentials in its address." : "Give credentials for it." }
      : {}),
  });
}

export function networkError(url: URL, problem: string): EngineryError {
  const where = redacted(url.href);
  return new EngineryError("network", `${where} ${problem}.`, { context: { location: where } });
}

/** The innermost code: undici wraps the system's errors, Node the failed attempts of several addresses. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  const own = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (own !== undefined && (Object.hasOwn(MEANS, own) || Object.hasOwn(TIMEOUTS, own))) return own;
  return inner instanceof Error ? codeOf(inner) : (own ?? error.name);
}
