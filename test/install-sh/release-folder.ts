import { generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { makeRelease } from "../../scripts/release.ts";

export interface TestRelease {
  readonly folder: string;
  readonly key: string;
  readonly publicKey: string;
}

/** What the single file of a toy release says: its version, completions, and whether what claims an engine is gone. */
export function toyProgram(version: string): string {
  return `#!/bin/sh
case $1 in
  --version) echo "enginery ${version}" ;;
  completion) echo "# completions for $2, by ${version}" ;;
  uninstall) test -e "$HOME/claims-are-over" && exit 0; exit 6 ;;
  *) echo "enginery ${version} $*" ;;
esac
exit 0
${"# what makes it worth compressing\n".repeat(200)}`;
}

/** A release as `scripts/release.ts` makes it, of shell scripts in place of the single files. */
export function makeTestRelease(
  root: string,
  version: string,
  platforms: readonly string[],
  key?: string,
): TestRelease {
  const place = join(root, `made-${version}`);
  mkdirSync(place, { recursive: true });
  const program = join(place, "program");
  writeFileSync(program, toyProgram(version));
  chmodSync(program, 0o755);
  writeFileSync(join(place, "root.json"), `{"signed": "root of ${version}"}\n`);
  const made = key === undefined ? newKey(place) : { key, publicKey: key.replace(/private\.pem$/, "public.pem") };
  const folder = join(place, "release");
  const files = new Map(platforms.map((platform) => [platform, program]));
  makeRelease({ folder, version, files, root: join(place, "root.json"), key: made.key });
  return { folder, ...made };
}

function newKey(place: string): { readonly key: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const [key, open] = [join(place, "private.pem"), join(place, "public.pem")];
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(open, publicKey.export({ type: "spki", format: "pem" }));
  return { key, publicKey: open };
}

/** Serves a folder on this host alone. */
export async function serveFolder(folder: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(({ url }, response) => {
    const file = join(folder, new URL(url ?? "/", "http://127.0.0.1").pathname);
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { url: `http://127.0.0.1:${address.port}`, server };
}
