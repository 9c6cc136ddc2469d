import type { Peer } from "../peer.ts";

export const CASYNC: Peer = {
  name: "casync",
  needs: ["casync"],
  ownLibraries: true,
  version: "casync --version | sed -n 1p",
  publish: [
    ...["26.9.0", "26.10.0"].map(
      (version) =>
        `casync make --store="$PUB/store.castr" --compression=zstd --without=all "$PUB/${version}.caidx" "$TARS/${version}" >/dev/null`,
    ),
  ].join("\n"),
  verbs: {
    install: {
      command:
        'casync extract --without=all --store="$URL/store.castr" "$URL/26.9.0.caidx" 26.9.0 2>/dev/null; sync -f .',
      does: "hash of each chunk, no signatures; synced at the end",
    },
    verify: {
      command:
        'test "$(casync digest --without=all 26.9.0)" = "$(casync digest --without=all "$PUB/26.9.0.caidx" --store="$PUB/store.castr")"',
      quiet: true,
    },
    upgrade: {
      command:
        'casync extract --without=all --store="$URL/store.castr" --seed=26.9.0 "$URL/26.10.0.caidx" 26.10.0 2>/dev/null; sync -f .',
      does: "the old tree as seed; no signatures; synced",
    },
    prune: { command: "rm -rf 26.10.0", quiet: true },
  },
};
