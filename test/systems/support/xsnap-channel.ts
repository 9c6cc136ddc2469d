import { pathOf, preparedEngines, reasonToSkip, XSNAP_VERSIONS } from "../../engines/support/engines.ts";
import { folderOf } from "../../engines/support/folders.ts";
import { Publisher } from "../../engines/support/publisher.ts";

export const NEEDS_XSNAP = reasonToSkip(...XSNAP_VERSIONS.map((version) => preparedEngines().xsnap[version]));
export const XSNAP = `engine: xsnap ${XSNAP_VERSIONS.join(", ")} (npm, built from C)`;

/** The real xsnap releases in their order: the first in effect from `first` on, each next one `step` epochs later. */
export async function publishXsnap(work: string, first: number, step: number, ...words: readonly string[]) {
  const publisher = new Publisher(work, "vats");
  const { root } = await publisher.init(...words);
  for (const [position, version] of XSNAP_VERSIONS.entries()) {
    await addXsnap(publisher, work, version);
    await publisher.deploy("xsnap", version, first + position * step);
  }
  await publisher.sign("--epoch", "0");
  return { publisher, root: root.path };
}

export async function addXsnap(publisher: Publisher, work: string, version: string): Promise<void> {
  const tree = folderOf(work, `tree-${version}`, { "xsnap-worker": workerOf(version) });
  const probe = ["-v", `^${reportOf(version).source}`] as const;
  await publisher.add({ engine: "xsnap", version, from: { tree }, entry: "xsnap-worker", probe });
}

/** The executable as it was built. */
export function workerOf(version: string): string {
  return pathOf(preparedEngines().xsnap[version]);
}

/** What a worker of this version says for `-v`. */
export function reportOf(version: string): RegExp {
  return new RegExp(`xsnap ${version.replaceAll(".", "\\.")} \\(XS [0-9.]+\\)\\s*$`);
}
