// The bill of materials (CycloneDX) of what the build carries: `npm run sbom [-- FILE]`; without a FILE dist/sbom.cdx.json. Made by
// `npm sbom` from package-lock.json, less what only builds and tests. The same lockfile gives the same bytes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { carriedPackages } from "./supply/carried.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Component {
  readonly "bom-ref": string;
  readonly type?: string;
  readonly name: string;
  readonly version: string;
  readonly scope?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
  readonly properties?: readonly unknown[];
}

interface Bill {
  readonly serialNumber: string;
  readonly metadata: { readonly component: Component } & Readonly<Record<string, unknown>>;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Written {
  readonly timestamp?: string;
  /** With the version of the npm that made it. */
  readonly tools?: unknown;
}

/** `more`: parts that the lockfile does not know, as a single file's Node. */
export function billOfMaterials(root: string, more: readonly Component[] = []): string {
  // npm wraps its answer in nothing; what it warns of goes to stderr
  const words = ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--sbom-type", "application"];
  const bill = JSON.parse(
    execFileSync("npm", words, { cwd: root, encoding: "utf8", maxBuffer: 1e8, stdio: ["ignore", "pipe", "ignore"] }),
  ) as Bill;
  const carried = new Set(carriedPackages(root).map(({ name, version }) => `${name}@${version}`));
  const own = bill.metadata.component["bom-ref"];
  const kept = (ref: string) => ref === own || carried.has(ref);
  // to npm all of them are there for development: nothing has to be installed beside the build
  const components = [
    ...bill.components
      .filter((each) => kept(each["bom-ref"]))
      .map((each) => ({ ...each, scope: "required", properties: [] })),
    ...more,
  ];
  const missing = [...carried].filter((ref) => !components.some((each) => each["bom-ref"] === ref));
  if (missing.length > 0) throw new Error(`npm sbom does not list ${missing.join(", ")}.`);
  const dependencies = [
    ...bill.dependencies
      .filter(({ ref }) => kept(ref))
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: [...dependsOn.filter(kept), ...(ref === own ? more.map((each) => each["bom-ref"]) : [])],
      })),
    // of what they are made of in turn nothing is known here
    ...more.map((each) => ({ ref: each["bom-ref"], dependsOn: [] })),
  ];
  // when and by whom it was written is no fact of the build
  const { timestamp: _, tools: __, component, ...metadata } = bill.metadata as Bill["metadata"] & Written;
  const body = { metadata: { ...metadata, component: { ...component, name: "enginery" } }, components, dependencies };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(body))}`;
  return `${JSON.stringify({ ...bill, ...body, serialNumber }, undefined, 2)}\n`;
}

/** RFC 9562, version 8: made of a hash. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = resolve(process.argv[2] ?? `${ROOT}dist/sbom.cdx.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, billOfMaterials(ROOT));
}
