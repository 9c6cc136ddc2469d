import type { Peer } from "../peer.ts";

const OWN =
  'export MISE_DATA_DIR="$PWD/data" MISE_CONFIG_DIR="$PWD/config" MISE_CACHE_DIR="$PWD/cache" MISE_STATE_DIR="$PWD/state"';
const SAY = (version: string) =>
  `mkdir -p config; sum=$(sha256sum "$PUB/../curl-zstd-tar/${version}.tar.zst" | cut -d' ' -f1); printf '[tools]\\n"http:node" = { version = "%s", url = "%s/curl-zstd-tar/{{version}}.tar.zst", checksum = "sha256:%s", bin_path = "bin" }\\n' ${version} "$BASE" "$sum" >config/config.toml`;

export const MISE: Peer = {
  name: "mise",
  needs: ["mise", "zstd"],
  version: "mise --version 2>/dev/null | cut -d' ' -f1",
  // of the same archives as curl
  publish: "true",
  verbs: {
    install: {
      before: SAY("26.9.0"),
      command: `${OWN}; mise install -q -y; sync -f .`,
      does: "the archive's hash; synced by `sync`",
    },
    "no-op": { command: `${OWN}; mise install -q -y`, does: "asks nobody for anything new" },
    upgrade: {
      before: `cp config/config.toml old.toml; ${SAY("26.10.0")}`,
      command: `${OWN}; mise install -q -y; sync -f .`,
      does: "the full archive and its hash; synced by `sync`",
    },
    rollback: {
      command: `${OWN}; cp old.toml config/config.toml; mise reshim -q`,
      does: "another setting, its shims made anew",
    },
    prune: { command: `${OWN}; mise uninstall -q -y http:node@26.10.0`, does: "mise uninstall" },
  },
};
