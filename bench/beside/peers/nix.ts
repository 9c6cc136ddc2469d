import type { Peer } from "../peer.ts";

const NIX = "nix --extra-experimental-features nix-command";
/** Elsewhere its database would be the machine's. */
const HERE = 'S="local?root=$PWD/root"; PROFILE="$PWD/root/profile"';
const COPY = (version: string) =>
  `${NIX} copy --no-check-sigs --from "$URL/${version}" --to "$S" "$(cat "$PUB/${version}.path")" 2>/dev/null`;
const SET = (version: string) => `nix-env --store "$S" -p "$PROFILE" --set "$(cat "$PUB/${version}.path")" 2>/dev/null`;

export const NIX_STORE: Peer = {
  name: "nix",
  needs: ["nix-store"],
  ownLibraries: true,
  version: "nix --version | grep -o '[0-9.]*$'",
  publish: [
    'mkdir -p "$PUB/../nix-publisher"; S="local?root=$PUB/../nix-publisher"',
    ...["26.9.0", "26.10.0"].flatMap((version) => [
      `${NIX} store add-path --name node-${version} --store "$S" "$TARS/${version}" >"$PUB/${version}.path" 2>/dev/null`,
      `${NIX} copy --from "$S" --to "file://$PUB/${version}?compression=zstd" "$(cat "$PUB/${version}.path")" 2>/dev/null`,
    ]),
  ].join("\n"),
  verbs: {
    install: {
      before: "mkdir root",
      command: `${HERE}; ${COPY("26.9.0")}; ${SET("26.9.0")}`,
      does: "hashes, no signatures; its database synced",
    },
    verify: {
      command: `${HERE}; nix-store --store "$S" --verify --check-contents 2>/dev/null`,
      does: "nix-store --verify --check-contents",
    },
    "no-op": { command: `${HERE}; ${COPY("26.9.0")}; ${SET("26.9.0")}`, does: "asks nobody for anything new" },
    upgrade: {
      command: `${HERE}; ${COPY("26.10.0")}; ${SET("26.10.0")}`,
      does: "hashes, no signatures; its database synced",
    },
    rollback: {
      command: `${HERE}; nix-env --store "$S" -p "$PROFILE" --rollback 2>/dev/null`,
      does: "another link",
    },
    prune: {
      before: `${HERE}; nix-env --store "$S" -p "$PROFILE" --delete-generations old 2>/dev/null`,
      command: `${HERE}; nix-store --store "$S" --delete "$(cat "$PUB/26.10.0.path")" >/dev/null 2>&1`,
      does: "nix-store --delete",
    },
  },
};
