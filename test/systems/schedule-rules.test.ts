import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Manifest } from "../../src/core/model/manifest.ts";
import { openHome } from "../../src/index.ts";
import { answer, enginery, jsonOf, type Ran, sound, told } from "../engines/support/command.ts";
import { XSNAP_VERSIONS } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { Forgery, scheduled, withXsnap } from "./support/forgery.ts";
import { NEEDS_XSNAP, reportOf, XSNAP, XsnapChannel } from "./support/xsnap-channel.ts";

const [A, B, C] = XSNAP_VERSIONS;

describe("O1: deployments in any order", { skip: NEEDS_XSNAP }, () => {
  const rows = [
    [A, 100],
    [B, 200],
    [C, 300],
  ] as const;
  const orders = rows.flatMap((first) =>
    rows
      .filter((row) => row !== first)
      .map((second) => [first, second, ...rows.filter((row) => row !== first && row !== second)]),
  );
  const epochs = rows.flatMap(([, validFrom]) => [validFrom - 1, validFrom, validFrom + 1]);
  const work = temporaryFolder();
  let forgery: Forgery;
  let home: string;

  before(async () => {
    const channel = await XsnapChannel.begin(work);
    await channel.publish(...rows);
    forgery = await Forgery.begin(channel);
    home = await forgery.install("home");
  });
  after(async () => await forgery[Symbol.asyncDispose]());

  it("O1: in every order of the list the active one at e-1, e and e+1 is what the rules say", async (t) => {
    t.diagnostic(XSNAP);
    assert.equal(orders.length, 6);
    for (const order of orders) {
      const { ran, home: shuffled } = await forgery.upgradeTo(home, 0, (manifest) => scheduled(manifest, ...order));
      assert.equal(ran.status, 0, told(ran));
      const host = openHome(shuffled);
      for (const epoch of epochs) {
        const found = () => host.resolve({ engine: "xsnap", epoch }).version;
        const expected = activeAt(epoch);
        if (expected === undefined) assert.throws(found, { code: "nothing-in-effect" });
        else assert.equal(found(), expected, `${order.join(" ")} at ${epoch}`);
      }
    }
  });

  it("O1: and so is the next one, and what runs is the active one", async (t) => {
    t.diagnostic(XSNAP);
    const order = [rows[2], rows[0], rows[1]];
    const { home: shuffled } = await forgery.upgradeTo(home, 0, (manifest) => scheduled(manifest, ...order));
    for (const epoch of epochs) {
      await sound(["observe", `${epoch}`], { home: shuffled });
      const { engines } = await answer<Status>(["status"], { home: shuffled });
      const told = [engines[0]?.inEffect?.version, engines[0]?.next?.version];
      assert.deepEqual(told, [activeAt(epoch), rows.find(([, validFrom]) => validFrom > epoch)?.[0]], `at ${epoch}`);
      const ran = await enginery(["exec", "xsnap", "--", "-v"], { home: shuffled });
      const active = activeAt(epoch);
      if (active === undefined) assert.equal(ran.status, 128);
      else assert.match(ran.stdout, reportOf(active));
    }
  });

  /** ADR 0013, word for word: the greatest `valid_from` that is not above the epoch. */
  function activeAt(epoch: number): string | undefined {
    return rows.findLast(([, validFrom]) => validFrom <= epoch)?.[0];
  }
});

interface Status {
  readonly engines: readonly {
    readonly inEffect: { readonly version: string } | null;
    readonly next: { readonly version: string } | null;
  }[];
}

interface Refusal {
  /** As oasis-core, or the project's own design, says it. */
  readonly rule: string;
  readonly code: string;
  /** The verbs that break it, one after the other; the last is refused. `repo` and the folder are put before. */
  readonly publisher?: readonly (readonly string[])[];
  /** Where the verbs cannot say it: why. */
  readonly noVerb?: string;
  readonly client: readonly [publishedEpoch: number | null, change: (manifest: Manifest) => Manifest];
}

/** What is published: A from 100, B from 200, C from 300, said at epoch 10. */
const ALLOW = ["rules", "xsnap", "--alter-pending", "allow"];
const allowing = (manifest: Manifest) =>
  withXsnap(manifest, (engine) => ({ ...engine, rules: { ...engine.rules, alterPending: "allow" } }));
const limited = (manifest: Manifest, limits: { maxFuture?: number; maxDeployments?: number }) =>
  withXsnap(manifest, (engine) => ({ ...engine, rules: { ...engine.rules, ...limits } }));

const REFUSALS: readonly Refusal[] = [
  {
    rule: "no deployment at all",
    code: "schedule-empty",
    publisher: [ALLOW, ["add D"], ...[C, B, A].map((version) => ["retire", `xsnap@${version}`, "--epoch", "50"])],
    client: [50, (manifest) => scheduled(allowing(manifest))],
  },
  {
    rule: "more deployments than the parameter allows",
    code: "schedule-max-deployments",
    publisher: [["rules", "xsnap", "--max-deployments", "2"]],
    client: [10, (manifest) => limited(manifest, { maxDeployments: 2 })],
  },
  {
    rule: "an entry that is nil",
    code: "document-invalid",
    noVerb: "no verb writes an entry without a version",
    client: [10, (manifest) => withXsnap(manifest, (engine) => ({ ...engine, deployments: [null as never] }))],
  },
  {
    rule: "a version twice",
    code: "schedule-duplicate-version",
    publisher: [["add d"], ["add D"]],
    client: [10, (manifest) => scheduled(manifest, [A, 100], [B, 200], [C, 300], [C, 400])],
  },
  {
    rule: "validFrom that does not rise with the version",
    code: "schedule-order",
    publisher: [["add D"], ["deploy", "xsnap@0.16.0-RC.1", "--valid-from", "250"]],
    client: [10, (manifest) => scheduled(allowing(manifest), [A, 100], [C, 200], [B, 300])],
  },
  {
    rule: "two of one validFrom: one of them can never be active",
    code: "schedule-unreachable",
    publisher: [["add D"], ["deploy", "xsnap@0.16.0-RC.1", "--valid-from", "300"]],
    client: [10, (manifest) => scheduled(allowing(manifest), [A, 100], [B, 200], [C, 200])],
  },
  {
    rule: "more than one future deployment, where one is the limit",
    code: "schedule-max-future",
    publisher: [["rules", "xsnap", "--max-future", "1", "--epoch", "150"]],
    client: [150, (manifest) => limited(manifest, { maxFuture: 1 })],
  },
  {
    rule: "a new deployment that is not after now",
    code: "schedule-past-change",
    publisher: [["add D"], ["deploy", "xsnap@0.16.0-RC.1", "--valid-from", "350", "--epoch", "350"]],
    client: [
      400,
      (manifest) => scheduled(withRelease(manifest, "0.16.0"), [A, 100], [B, 200], [C, 300], ["0.16.0", 400]),
    ],
  },
  {
    rule: "a changed deployment that would not be after now",
    code: "schedule-past-change",
    publisher: [ALLOW, ["deploy", `xsnap@${C}`, "--valid-from", "250", "--epoch", "250"]],
    client: [250, (manifest) => scheduled(allowing(manifest), [A, 100], [B, 200], [C, 250])],
  },
  {
    rule: "a superseded one that is moved",
    code: "schedule-past-change",
    publisher: [["deploy", `xsnap@${A}`, "--valid-from", "90", "--epoch", "250"]],
    client: [250, (manifest) => scheduled(manifest, [A, 90], [B, 200], [C, 300])],
  },
  {
    rule: "a pending one altered where the rules deny it",
    code: "schedule-alter-pending",
    publisher: [["deploy", `xsnap@${C}`, "--valid-from", "310", "--epoch", "250"]],
    client: [250, (manifest) => scheduled(manifest, [A, 100], [B, 200], [C, 310])],
  },
  {
    rule: "a pending one removed where the rules deny it",
    code: "schedule-alter-pending",
    publisher: [["retire", `xsnap@${C}`, "--epoch", "250"]],
    client: [250, (manifest) => scheduled(manifest, [A, 100], [B, 200])],
  },
  {
    rule: "an alteration while now is unknown",
    code: "schedule-alter-unknown",
    publisher: [ALLOW, ["deploy", `xsnap@${C}`, "--valid-from", "310"]],
    client: [null, (manifest) => scheduled(allowing(manifest), [A, 100], [B, 200], [C, 310])],
  },
  {
    rule: "the active one moved",
    code: "schedule-in-effect",
    publisher: [ALLOW, ["deploy", `xsnap@${B}`, "--valid-from", "260", "--epoch", "250"]],
    client: [250, (manifest) => scheduled(allowing(manifest), [A, 100], [B, 260], [C, 300])],
  },
  {
    rule: "the active one removed",
    code: "schedule-in-effect",
    publisher: [ALLOW, ["retire", `xsnap@${B}`, "--epoch", "250"]],
    client: [250, (manifest) => scheduled(allowing(manifest), [A, 100], [C, 300])],
  },
  {
    rule: "a superseded one removed before an older one",
    code: "schedule-hole",
    publisher: [["retire", `xsnap@${B}`, "--epoch", "350"]],
    client: [350, (manifest) => scheduled(manifest, [A, 100], [C, 300])],
  },
  {
    rule: "a deployment of a version that has no release",
    code: "schedule-no-release",
    noVerb: "`repo deploy` asks first, and says unknown-version",
    client: [10, (manifest) => scheduled(manifest, [A, 100], [B, 200], [C, 300], ["0.16.0", 400])],
  },
  {
    rule: "a present epoch below the one said before",
    code: "schedule-epoch-lower",
    publisher: [["add D"], ["deploy", "xsnap@0.16.0-RC.1", "--valid-from", "400", "--epoch", "9"]],
    client: [9, (manifest) => manifest],
  },
];

describe("O2: each refusal names its own rule", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let forgery: Forgery;
  let home: string;

  before(async () => {
    const channel = await XsnapChannel.begin(work);
    for (const [version, validFrom] of [
      [A, 100],
      [B, 200],
      [C, 300],
    ] as const) {
      await channel.add(version);
      await channel.publisher.deploy("xsnap", version, validFrom);
    }
    await channel.publisher.sign("--epoch", "10");
    forgery = await Forgery.begin(channel);
    home = await forgery.install("home", 50);
  });
  after(async () => await forgery[Symbol.asyncDispose]());

  /** `add D` and `add d` stand for a release that differs from the other in the case of its letters alone. */
  async function published(repository: string, words: readonly string[]): Promise<Ran> {
    const [verb = "", ...rest] = words;
    const release = { "add D": "xsnap@0.16.0-RC.1", "add d": "xsnap@0.16.0-rc.1" }[verb];
    if (release === undefined) return await enginery(["repo", verb, repository, ...rest, "--json"]);
    const tree = join(forgery.channel.work, "tree-3");
    return await enginery(["repo", "add", repository, release, "--platform", "any", "--tree", tree, "--json"]);
  }

  for (const { rule, code, publisher = [], noVerb, client } of REFUSALS) {
    it(`O2: ${rule}: ${code}, ${noVerb === undefined ? "at publisher and client" : `at the client (${noVerb})`}`, async (t) => {
      t.diagnostic(XSNAP);
      const repository = forgery.copy(forgery.channel.publisher.repository);
      for (const [at, words] of publisher.entries()) {
        const ran = await published(repository, words);
        if (at < publisher.length - 1) assert.equal(ran.status, 0, told(ran));
        else assert.deepEqual([ran.status, codeOf(ran)], [3, code], told(ran));
      }
      const { ran, untouched } = await forgery.upgradeTo(home, ...client);
      assert.deepEqual([ran.status, codeOf(ran)], [code === "document-invalid" ? 5 : 3, code], told(ran));
      assert.ok(untouched, "the home is byte for byte as before");
    });
  }

  it("O2: and an honest next manifest is taken: one more deployment ahead, the oldest superseded one gone", async (t) => {
    t.diagnostic(XSNAP);
    const { ran } = await forgery.upgradeTo(home, 250, (manifest) =>
      scheduled(withRelease(manifest, "0.16.0"), [B, 200], [C, 300], ["0.16.0", 400]),
    );
    const { failed } = jsonOf<{ failed: { version: string; code: string }[] }>(ran);
    // its bytes are 0.15.0's, which its own report tells
    assert.deepEqual(
      failed.map(({ version, code }) => [version, code]),
      [["0.16.0", "probe-failed"]],
      told(ran),
    );
  });
});

/** A release of that version with the bytes of C. */
function withRelease(manifest: Manifest, version: string): Manifest {
  return withXsnap(manifest, (engine) => {
    const release = engine.releases[C];
    if (release === undefined) throw new Error(`no release ${C}`);
    const platforms = Object.fromEntries(
      Object.entries(release.platforms).map(([platform, build]) => [
        platform,
        {
          ...build,
          entries: {
            xsnap: {
              path: "xsnap-worker",
              kind: "executable" as const,
              probe: { args: ["-v"], expect: `xsnap ${version}` },
            },
          },
        },
      ]),
    );
    return { ...engine, releases: { ...engine.releases, [version]: { platforms } } };
  });
}

function codeOf(ran: Ran): string | undefined {
  return jsonOf<{ error?: { code: string } }>(ran).error?.code;
}

describe("O3: what is pending", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let forgery: Forgery;
  let home: string;

  before(async () => {
    const channel = await XsnapChannel.begin(work);
    await channel.publish([A, 0], [C, 100]);
    await sound(["repo", "rules", channel.publisher.repository, "xsnap", "--alter-pending", "allow"]);
    await channel.publisher.sign("--epoch", "50");
    forgery = await Forgery.begin(channel);
    home = await forgery.install("home", 99);
  });
  after(async () => await forgery[Symbol.asyncDispose]());

  const moved = (manifest: Manifest) => scheduled(manifest, [A, 0], [C, 120]);

  it("O3: pending from 100 it may be altered at 99, and not at 100: by the publisher", async (t) => {
    t.diagnostic(XSNAP);
    const repository = forgery.copy(forgery.channel.publisher.repository);
    const words = ["repo", "deploy", repository, `xsnap@${C}`, "--valid-from", "120", "--json", "--epoch"];
    const late = await enginery([...words, "100"]);
    assert.deepEqual([late.status, codeOf(late)], [3, "schedule-in-effect"], told(late));
    await sound([...words, "99"]);
  });

  it("O3: and by the client, whoever signed it", async (t) => {
    t.diagnostic(XSNAP);
    const refused = await forgery.upgradeTo(home, 100, moved);
    assert.deepEqual([refused.ran.status, codeOf(refused.ran)], [3, "schedule-in-effect"], told(refused.ran));
    assert.ok(refused.untouched);
    const taken = await forgery.upgradeTo(home, 99, moved);
    assert.equal(taken.ran.status, 0, told(taken.ran));
    const at = async (epoch: number) =>
      (await answer<{ version: string }>(["which", "xsnap", "--epoch", `${epoch}`], { home: taken.home })).version;
    assert.deepEqual([await at(119), await at(120)], [A, C]);
  });

  it("O3: a client that has reached 100 meanwhile takes what was said at 99, and lists it as late", async (t) => {
    t.diagnostic(XSNAP);
    const ahead = forgery.copy(home);
    await sound(["observe", "100"], { home: ahead });
    const { ran } = await forgery.upgradeTo(ahead, 99, moved);
    assert.equal(ran.status, 0, told(ran));
    const { late } = jsonOf<{ late: { version: string; validFrom: number; change: string }[] }>(ran);
    assert.deepEqual(late, [{ engine: "xsnap", version: C, validFrom: 100, change: "altered" }]);
    const worked = forgery.copy(home);
    await sound(["observe", "100"], { home: worked });
    await sound(["exec", "xsnap", "--", "-v"], { home: worked });
    const refused = await forgery.upgradeTo(worked, 99, moved);
    assert.deepEqual([refused.ran.status, codeOf(refused.ran)], [3, "late-work"], told(refused.ran));
  });
});
