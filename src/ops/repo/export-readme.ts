import { exportLayout } from "../../store/export-layout.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { ExportPlan } from "./export-content.ts";
import type { PublisherWorld } from "./world.ts";

/** For whoever finds the archive without knowing Enginery. No date: the same content has the same bytes. */
export function readmeText(world: PublisherWorld, { published, channel, builds }: ExportPlan): string {
  const { channel: name, serial, unit } = channel.manifest;
  const root = published.root.body.version;
  const releases = builds.map(({ engine, version, platform, build: { tree } }) =>
    [
      `  ${engine} ${version} ${platform}`,
      `${tree.files} files, ${tree.unpackedBytes} bytes, tree ${tree.digest}`,
    ].join("\n      "),
  );
  const deployments = Object.entries(channel.manifest.engines).flatMap(([engine, { deployments }]) =>
    deployments
      .toSorted((one, other) => one.validFrom - other.validFrom)
      .map(({ version, validFrom }) => `  ${engine} ${version} from ${unit} ${validFrom}`),
  );
  return `Engines of the channel ${name}, serial ${serial}, written by \`enginery repo export\`.

To check it, from the trusted root to every file (POSIX sh; signatures where there is an openssl with ed25519):
  sh verify --root-sha256 HEX
HEX is the fingerprint of the publisher's root. Take it from the publisher, and not from here. The newest root in here is version ${root}:
  ${world.digester.sha256(published.root.bytes)}

To use an engine as it lies here: ${exportLayout.release("ENGINE", "VERSION", "PLATFORM")}/...

To install from it, with no network:
  enginery install --offline --from "$PWD/repository" --channel ${name} --root-sha256 HEX

Releases:
${releases.join("\n")}

When they are in effect:
${deployments.join("\n")}

Files:
  engines/    the releases, laid out
  trees/      their file lists, each under its own sha256; the manifest names it as the digest of the release's tree
  repository/ what the publisher serves: ${repositoryLayout.metadataFolder}/ (signed), targets/ and manifests/ (the channel's manifest, named in what is signed,
              and those before it), archives/, pieces/, trees/, deltas/ (named in the manifest, each under its own sha256)
  verify      the check; this file and it are signed by nobody
`;
}
