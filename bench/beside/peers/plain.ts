import type { Peer } from "../peer.ts";

/** Measured beside all others: what a start of the same Node costs. */
export const NODE: Peer = {
  name: "`node -e 0`",
  needs: [],
  version: '"$NODE" --version',
  verbs: {
    "no-op": { command: '"$NODE" -e 0' },
    rollback: { command: '"$NODE" -e 0' },
  },
};

export const CURL: Peer = {
  name: "curl, zstd, tar",
  needs: ["curl", "zstd", "tar"],
  version:
    "curl --version | sed -n '1s/ (.*//p'; zstd --version | grep -o 'v[0-9.]*'; tar --version | sed -n '1s/.*) /tar /p'",
  publish:
    'for v in 26.9.0 26.10.0; do zstd -q -19 -T1 --long=27 "$TARS/$v.tar" -o "$PUB/$v.tar.zst" & done; wait; ls "$PUB/26.9.0.tar.zst" "$PUB/26.10.0.tar.zst"',
  verbs: {
    install: {
      command: 'mkdir 26.9.0; curl -sS "$URL/26.9.0.tar.zst" | zstd -dcq --long=27 | tar -x -C 26.9.0; sync -f .',
      does: "unverified; synced at the end",
    },
    verify: { command: "find 26.9.0 -type f -print0 | xargs -0 sha256sum >/dev/null", does: "sha256sum, one thread" },
    upgrade: {
      command: 'mkdir 26.10.0; curl -sS "$URL/26.10.0.tar.zst" | zstd -dcq --long=27 | tar -x -C 26.10.0; sync -f .',
      does: "the full archive, unverified; synced",
    },
    rollback: {
      before: "ln -s 26.10.0 now",
      command: "ln -s 26.9.0 next; mv -T next now",
      does: "another link; nothing synced",
    },
    prune: { command: "rm -rf 26.10.0", does: "rm -rf" },
  },
};

export const PATCH: Peer = {
  name: "zstd --patch-from",
  needs: ["curl", "zstd", "tar"],
  version: "zstd --version | grep -o 'v[0-9.]*'",
  publish: 'zstd -q -19 --long=31 --patch-from="$TARS/26.9.0.tar" "$TARS/26.10.0.tar" -o "$PUB/patch.zst"',
  verbs: {
    // the old tar has to be kept, or made again
    install: { command: 'mkdir 26.9.0; cp "$TARS/26.9.0.tar" .; tar -xf 26.9.0.tar -C 26.9.0', quiet: true },
    upgrade: {
      command:
        'mkdir 26.10.0; curl -sS "$URL/patch.zst" -o patch.zst; zstd -dcq --memory=2048MB --long=31 --patch-from=26.9.0.tar patch.zst | tar -x -C 26.10.0; sync -f .',
      does: "unverified; synced; keeps the old tar",
    },
  },
};

export const OPENSSL: Peer = {
  name: "openssl dgst",
  needs: ["openssl"],
  version: "openssl version | cut -d' ' -f1,2",
  verbs: {
    install: { command: 'cp -a "$OLD" 26.9.0', quiet: true },
    verify: {
      command: "find 26.9.0 -type f -print0 | xargs -0 openssl dgst -sha256 >/dev/null",
      does: "openssl, one thread",
    },
  },
};
