import type { Peer } from "../peer.ts";

const ADD = '"$ENGINERY" repo add "$PUB/after"';
const DEPLOY = '"$ENGINERY" repo deploy "$PUB/after"';
const SIGN = '"$ENGINERY" repo sign "$PUB/after" --keys-dir "$PUB/../enginery-keys"';

export const ENGINERY: Peer = {
  name: "Enginery",
  needs: [],
  version: '"$ENGINERY" --version',
  publish: [
    '"$ENGINERY" repo init "$PUB/after" --channel bench --keys-dir "$PUB/../enginery-keys"',
    `${ADD} node@26.9.0 --platform any --tree "$OLD" --entry node=bin/node`,
    `${DEPLOY} node@26.9.0 --valid-from 0`,
    SIGN,
    'cp -a "$PUB/after" "$PUB/before"',
    'if "$ENGINERY" repo add --help | grep -q -e --deltas; then deltas="--deltas 1"; fi',
    `${ADD} node@26.10.0 --platform any --tree "$NEW" --entry node=bin/node $deltas`,
    `${DEPLOY} node@26.10.0 --valid-from 100`,
    SIGN,
  ].join("\n"),
  verbs: {
    install: {
      before: 'ln -sfn before "$PUB/now"',
      command:
        '"$ENGINERY" install --quiet --yes --home home --from "$URL/now/" --channel bench --root "$PUB/before/metadata/1.root.json"',
      does: "signatures, hash of each piece and file; synced before it is announced",
    },
    verify: { command: '"$ENGINERY" verify --quiet --home home', does: "all hashes, modes, names" },
    "no-op": { command: '"$ENGINERY" upgrade --quiet --yes --home home', does: "trust refreshed, signatures checked" },
    upgrade: {
      before: 'ln -sfn after "$PUB/now"',
      command: '"$ENGINERY" upgrade --quiet --yes --no-prune --home home',
      does: "signatures, hash of each piece and file; synced",
    },
    rollback: { command: '"$ENGINERY" rollback --quiet --yes --home home', does: "a new generation, durable" },
    prune: {
      command: '"$ENGINERY" prune --quiet --yes --keep-generations 1 --home home; test ! -e home/engines/node/26.10.0',
      does: "what nothing keeps, marks and claims checked",
    },
  },
};
