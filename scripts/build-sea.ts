// One file that is all of Enginery: `npm run build:sea -- --platform P [--out FILE] [--channel DIR [--root-sha256 HEX] --embed ENGINE@VERSION...]`.
// What --embed names is carried with its metadata, so that `FILE install` needs no network. The same input gives the same bytes.
// Beside it lie what it is made of, FILE.cdx.json (CycloneDX), and what all of that is licensed under, FILE.licences.txt.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { codeCacheOf } from "./build/code-cache.ts";
import { BUILD_ID, buildCommand } from "./build/command.ts";
import { plainly, WrongWords } from "./plain-errors.ts";
import { billOfMaterials } from "./sbom.ts";
import { makeBlob } from "./sea/blob.ts";
import { type Collected, collectRepository } from "./sea/collect.ts";
import { nodeComponent, releaseComponent } from "./sea/components.ts";
import { nodeFor, type PinnedNode, pinnedNode } from "./sea/nodes.ts";
import { appendPayload, payloadTable } from "./sea/payload.ts";
import { carriesWithin, programOf } from "./sea/program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const USAGE =
  "npm run build:sea -- [--platform P] [--out FILE] [--channel DIR [--root-sha256 HEX] --embed ENGINE@VERSION...]";

await plainly("build:sea", USAGE, async () => {
  const words = wordsOf(process.argv.slice(2));
  nodeFor(words.platform);
  await freshBuild();
  await build(words);
});

interface Words {
  readonly platform: string;
  readonly out: string;
  readonly channel: string | undefined;
  readonly embed: readonly string[];
  readonly rootSha256: string | undefined;
}

function wordsOf(args: readonly string[]): Words {
  const { values, positionals } = parseArgs({
    args: [...args],
    // `--embed ONE TWO` as well as `--embed ONE --embed TWO`
    allowPositionals: true,
    options: {
      platform: { type: "string", default: `${process.platform}-${process.arch}` },
      out: { type: "string" },
      channel: { type: "string" },
      "root-sha256": { type: "string" },
      embed: { type: "string", multiple: true, default: [] },
    },
  });
  const { platform, channel, embed: first, "root-sha256": rootSha256 } = values;
  if (first.length === 0 && positionals[0] !== undefined) throw new WrongWords(`What is ${positionals[0]}?`);
  const embed = [...new Set([...first, ...positionals])];
  if ((channel === undefined) !== (embed.length === 0))
    throw new WrongWords("--channel DIR and --embed ENGINE@VERSION go together.");
  const suffix = platform.startsWith("win32-") ? ".exe" : "";
  const out = resolve(values.out ?? join(root, "single-file", `enginery-installer-${platform}${suffix}`));
  return { platform, out, channel, embed, rootSha256 };
}

async function build({ platform, out, channel, embed, rootSha256 }: Words): Promise<void> {
  const cache = join(root, ".cache", "single-file");
  const work = join(cache, `work-${process.pid}`);
  const draft = `${out}.draft-${process.pid}`;
  try {
    const { node, bytes, licence } = await pinnedNode(platform, join(cache, "nodes"));
    const archives = join(cache, "archives");
    const collected =
      channel === undefined ? undefined : await collectRepository(channel, embed, platform, archives, rootSha256);
    const carries = collected && createHash("sha256").update(payloadTable(collected)).digest("hex");
    const blob = makeBlob({ root, platform, nodeVersion: node.version, work, carries });
    mkdirSync(dirname(out), { recursive: true });
    const within = collected && carriesWithin(platform) ? await payloadFile(collected, work) : undefined;
    writeFileSync(draft, programOf(platform, bytes, blob, within === undefined ? undefined : readFileSync(within)));
    if (collected) {
      for (const role of collected.expired)
        process.stderr.write(`${role} has expired: who installs this has to say --allow-expired.\n`);
      if (within === undefined) await appendPayload(draft, collected);
    }
    chmodSync(draft, 0o755);
    renameSync(draft, out);
    const releases = (collected?.releases ?? []).map(releaseComponent);
    writeFileSync(`${out}.cdx.json`, billOfMaterials(root, [nodeComponent(node), ...releases]));
    writeFileSync(`${out}.licences.txt`, licencesOf(node, licence));
    process.stdout.write(`${out}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
    if (existsSync(draft)) rmSync(draft);
  }
}

async function payloadFile(collected: Collected, work: string): Promise<string> {
  const file = join(work, "payload");
  writeFileSync(file, "");
  await appendPayload(file, collected);
  return file;
}

/** Of what is built in, then of Node, where npm has it with the program. */
function licencesOf({ version }: PinnedNode, licence: Buffer | undefined): string {
  const text = licence?.toString() ?? `https://github.com/nodejs/node/blob/v${version}/LICENSE\n`;
  return `${readFileSync(join(root, "dist", "LICENCES.txt"), "utf8")}\n\nNode.js ${version}\n\n${text}`;
}

/** dist/ as this very source makes it. */
async function freshBuild(): Promise<void> {
  const command = join(root, "dist", "command");
  const made = join(command, BUILD_ID);
  const wanted = (await buildCommand(root)).get(BUILD_ID);
  if (existsSync(made) && readFileSync(made, "utf8") === wanted && existsSync(codeCacheOf(command))) return;
  const { status } = spawnSync(process.execPath, [join(root, "scripts", "build.ts")], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error("The build failed.");
}
