import type { Component } from "../sbom.ts";
import type { PinnedNode } from "./nodes.ts";

/** What a single file is made of beside the build, for its bill of materials. */
export function nodeComponent({ name, version, integrity }: PinnedNode): Component {
  const content = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
  return {
    "bom-ref": `${name}@${version}`,
    type: "platform",
    name,
    version,
    purl: `pkg:npm/${name}@${version}`,
    hashes: [{ alg: "SHA-512", content }],
    licenses: [{ license: { id: "MIT" } }],
  };
}

/** Its licence is its publisher's to tell; its bytes are those that the channel's manifest names. */
export function releaseComponent({
  engine,
  version,
}: {
  readonly engine: string;
  readonly version: string;
}): Component {
  return { "bom-ref": `carried:${engine}@${version}`, type: "application", name: engine, version };
}
