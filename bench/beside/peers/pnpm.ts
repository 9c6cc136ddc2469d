import type { Peer } from "../peer.ts";

const FLAGS = '--registry "$URL/registry/" --store-dir store --cache-dir cache --ignore-scripts --silent';
const PACKUMENT = `"$NODE" -e '
const { createHash } = require("node:crypto"), { readFileSync } = require("node:fs");
const [pub, url] = process.argv.slice(1), versions = {}, time = {};
for (const version of ["26.9.0", "26.10.0"]) {
  const integrity = "sha512-" + createHash("sha512").update(readFileSync(pub + "/registry/" + version + ".tgz")).digest("base64");
  versions[version] = { name: "payload", version, dist: { tarball: url + "/registry/" + version + ".tgz", integrity } };
  time[version] = "2026-01-01T00:00:00.000Z";
}
console.log(JSON.stringify({ name: "payload", versions, time, "dist-tags": { latest: "26.9.0" } }));
' "$PUB" "$URL" >"$PUB/registry/payload"`;

export const PNPM: Peer = {
  name: "pnpm",
  needs: ["pnpm"],
  version: "pnpm --version 2>/dev/null",
  publish: [
    'mkdir -p "$PUB/registry"',
    ...["26.9.0", "26.10.0"].flatMap((version) => [
      "stage=$(mktemp -d)",
      `cp -a "$TARS/${version}" "$stage/package"`,
      `printf '{"name":"payload","version":"${version}"}' >"$stage/package/package.json"`,
      `tar -C "$stage" -c package | gzip -9 >"$PUB/registry/${version}.tgz"`,
      'rm -rf "$stage"',
    ]),
    PACKUMENT,
  ].join("\n"),
  verbs: {
    install: {
      before: `${PACKUMENT}; printf '{"name":"bench","private":true}' >package.json`,
      command: `pnpm add ${FLAGS} payload@26.9.0; sync -f .`,
      does: "the archive's hash; synced by `sync`",
    },
    "no-op": { command: `pnpm install ${FLAGS} --frozen-lockfile`, does: "asks nobody for anything new" },
    upgrade: {
      command: `pnpm add ${FLAGS} payload@26.10.0; sync -f .`,
      does: "the full archive and its hash; synced by `sync`",
    },
    rollback: { command: `pnpm add ${FLAGS} --offline payload@26.9.0`, does: "from its store; nothing synced" },
    prune: { command: `pnpm store prune ${FLAGS}`, does: "pnpm store prune: what node_modules still holds stays" },
  },
};
