import type { Peer } from "../peer.ts";

/** Static deltas are what it has to be fast over HTTP; by its own settings objects above 4 MB stay out of them, so that is put aside. */
const DELTA = 'ostree --repo="$PUB/after" static-delta generate --min-fallback-size=0 --max-chunk-size=256';
const COMMIT = 'ostree --repo="$PUB/after" commit --branch=node --owner-uid=0 --owner-gid=0';

export const OSTREE: Peer = {
  name: "ostree",
  needs: ["ostree"],
  ownLibraries: true,
  version: 'ostree --version | sed -n "s/ Version: //p" | tr -d "\'"',
  publish: [
    'ostree --repo="$PUB/after" init --mode=archive',
    `${COMMIT} --tree=dir="$OLD" >/dev/null`,
    `${DELTA} --empty --to=node >/dev/null`,
    'ostree --repo="$PUB/after" summary -u',
    'cp -a "$PUB/after" "$PUB/before"',
    `${COMMIT} --tree=dir="$NEW" >/dev/null`,
    `${DELTA} --from=node^ --to=node >/dev/null`,
    'ostree --repo="$PUB/after" summary -u',
  ].join("\n"),
  verbs: {
    install: {
      before:
        'ln -sfn before "$PUB/now"; ostree --repo=repo init --mode=bare-user-only; ostree --repo=repo remote add --no-gpg-verify --no-sign-verify bench "$URL/now"',
      command: "ostree --repo=repo pull bench:node >/dev/null; ostree --repo=repo checkout -U -H bench:node 26.9.0",
      does: "hashes, no signatures; synced",
    },
    verify: { command: "ostree --repo=repo fsck >/dev/null", does: "ostree fsck" },
    "no-op": { command: "ostree --repo=repo pull bench:node >/dev/null", does: "no signatures" },
    upgrade: {
      before: 'ln -sfn after "$PUB/now"',
      command: "ostree --repo=repo pull bench:node >/dev/null; ostree --repo=repo checkout -U -H bench:node 26.10.0",
      does: "static delta, no signatures; synced",
    },
    prune: {
      before:
        'ostree --repo=repo reset bench:node "$(ostree --repo=repo rev-parse bench:node^)" 2>/dev/null || ostree --repo=repo refs --delete bench:node',
      command: "rm -rf 26.10.0; ostree --repo=repo prune --refs-only --depth=0 >/dev/null",
      does: "ostree prune",
    },
  },
};
