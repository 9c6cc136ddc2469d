import { EngineryError } from "../../core/errors.ts";
import { redacted, webProblem } from "../../core/location.ts";
import type { FetchedBody, FetchOptions } from "../../ports/fetcher.ts";
import { loadNpmConfiguration, NPM_REGISTRY, type NpmConfiguration } from "./npm-configuration.ts";
import { openWeb, type WebRules } from "./open-web.ts";
import { createWebClient, type Proxies, proxiesOf, type Tls, type WebSettings } from "./web-client.ts";

export interface NpmOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: () => string;
  readonly allowHttp: boolean;
  readonly web: Omit<WebSettings, "proxies" | "tls">;
  readonly rules: Pick<WebRules, "timeouts" | "sleep">;
}

export interface NpmRegistry {
  /** Opens the tarball of an exact version. Its hash is the caller's to check. */
  open(name: string, version: string, options: FetchOptions): Promise<FetchedBody>;
}

/** Metadata of every version of a much-published name; far more than any engine has. */
const MAX_METADATA_BYTES = 64 * 1024 * 1024;
const METADATA_TYPES = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

/** The npm registry, found, authorised and reached as npm on this machine is configured; loaded when first used. */
export function createNpmRegistry(options: NpmOptions): NpmRegistry {
  const tarballs = new Map<string, URL>();
  let prepared: Promise<Prepared> | undefined;

  async function open(name: string, version: string, fetchOptions: FetchOptions): Promise<FetchedBody> {
    prepared ??= prepare(options);
    const { configuration, rules } = await prepared;
    const key = `${name}@${version}`;
    const tarball = tarballs.get(key) ?? (await findTarball(configuration, rules, options, name, version));
    tarballs.set(key, tarball);
    return openWeb(rules, tarball, fetchOptions);
  }

  return { open };
}

interface Prepared {
  readonly configuration: NpmConfiguration;
  readonly rules: WebRules;
}

async function prepare(options: NpmOptions): Promise<Prepared> {
  const [configuration, { default: getAuth }] = await Promise.all([
    loadNpmConfiguration(options.env, options.cwd()).catch((error: unknown) => {
      throw new EngineryError("config-invalid", `npm's configuration cannot be read: ${String(error)}.`, {
        hint: "Correct it; `npm config list` shows it.",
        cause: error,
      });
    }),
    import("npm-registry-fetch/lib/auth.js"),
  ]);
  const proxies = proxiesFor(configuration, options.env);
  const client = createWebClient({ ...options.web, proxies, tls: tlsOf(configuration) });
  const headersFor = (url: URL): Record<string, string> => {
    const { token, auth } = getAuth(url.href, configuration);
    if (token !== null && token !== undefined) return { authorization: `Bearer ${token}` };
    return auth !== null && auth !== undefined ? { authorization: `Basic ${auth}` } : {};
  };
  return { configuration, rules: { ...options.rules, client, headersFor, otherOrigins: true } };
}

async function findTarball(
  configuration: NpmConfiguration,
  rules: WebRules,
  options: NpmOptions,
  name: string,
  version: string,
): Promise<URL> {
  const registry = registryOf(configuration, name);
  requireAllowed(registry, options);
  const metadata = new URL(`${registry.pathname.replace(/\/$/, "")}/${name.replace("/", "%2f")}`, registry);
  const headersFor = (url: URL) => ({ ...rules.headersFor(url), accept: METADATA_TYPES });
  const body = await openWeb({ ...rules, headersFor }, metadata, { maxBytes: MAX_METADATA_BYTES });
  const tarball = URL.parse(tarballOf(await jsonOf(body, metadata), name, version, metadata));
  if (tarball === null) throw unusable(metadata, `names no usable tarball for ${name}@${version}`);
  const final = replacesHost(configuration, tarball) ? new URL(tarball.pathname + tarball.search, registry) : tarball;
  requireAllowed(final, options);
  return final;
}

function registryOf(configuration: NpmConfiguration, name: string): URL {
  const scope = name.startsWith("@") ? name.split("/", 1)[0] : undefined;
  const configured =
    (scope === undefined ? undefined : configuration[`${scope}:registry`]) ?? configuration["registry"];
  const registry = typeof configured === "string" ? URL.parse(configured) : null;
  if (registry !== null) return registry;
  throw new EngineryError("config-invalid", "npm's configuration names no usable registry.", {
    hint: "See `npm config get registry`.",
  });
}

function requireAllowed(url: URL, { allowHttp }: NpmOptions): void {
  const problem = webProblem(url, { allowHttp });
  if (problem === undefined) return;
  throw new EngineryError("source-refused", `The npm registry's address ${redacted(url.href)} ${problem}.`);
}

function replacesHost(configuration: NpmConfiguration, tarball: URL): boolean {
  const setting = configuration["replaceRegistryHost"];
  const own = URL.parse(String(configuration[NPM_REGISTRY]))?.host;
  return setting === "always" || tarball.host === (setting === "npmjs" ? own : setting);
}

function tarballOf(document: unknown, name: string, version: string, url: URL): string {
  const versions = memberOf(document, "versions");
  const release = memberOf(versions, version);
  if (release === undefined) {
    throw new EngineryError("missing", `The npm registry has no ${name}@${version}.`, {
      context: { location: redacted(url.href) },
    });
  }
  const tarball = memberOf(memberOf(release, "dist"), "tarball");
  return typeof tarball === "string" ? tarball : "";
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

async function jsonOf(body: FetchedBody, url: URL): Promise<unknown> {
  const chunks = await Array.fromAsync(body.chunks);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw unusable(url, "does not answer with JSON", error);
  }
}

function unusable(url: URL, problem: string, cause?: unknown): EngineryError {
  return new EngineryError("network", `The npm registry at ${redacted(url.href)} ${problem}.`, { cause });
}

function proxiesFor(configuration: NpmConfiguration, env: NpmOptions["env"]): Proxies {
  const known = proxiesOf(env);
  const text = (name: string): string | undefined => {
    const value = configuration[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const https = text("httpsProxy") ?? text("proxy") ?? known.https;
  return { http: text("proxy") ?? known.http, https, none: text("noProxy") ?? known.none };
}

function tlsOf(configuration: NpmConfiguration): Tls {
  const { ca, cert, key, strictSSL } = configuration;
  const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
  return {
    ...(isText(ca) ? { ca } : {}),
    ...(Array.isArray(ca) && ca.every(isText) ? { ca } : {}),
    ...(isText(cert) ? { cert } : {}),
    ...(isText(key) ? { key } : {}),
    ...(strictSSL === false ? { rejectUnauthorized: false } : {}),
  };
}
