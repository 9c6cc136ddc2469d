import type { RandomHome } from "./random-homes.ts";

/**
 * What prune must do, written from docs/operations/prune.md alone: it asks of each release and each epoch by itself, and shares no code with
 * src/ (types apart). Slow and plain on purpose.
 */
export interface Verdict {
  /** `ENGINE@VERSION`, sorted, of all that follow. */
  readonly removed: readonly string[];
  /** With the reasons as `kind`, or `kind rule limit by`, sorted. */
  readonly kept: Readonly<Record<string, readonly string[]>>;
  readonly restated: readonly string[];
  /** Kept by the publisher's rules alone where --before would let go. */
  readonly publisherOnly: readonly string[];
  readonly retired: readonly number[];
}

interface Release {
  readonly engine: string;
  readonly version: string;
}

export function naiveVerdict(home: RandomHome): Verdict {
  const { newest, generations, unnamed, policy } = home;
  const named = (release: Release) => `${release.engine}@${release.version}`;
  const holds = (list: readonly Release[], release: Release) => list.some((one) => named(one) === named(release));

  const newestFirst = generations.toSorted((one, other) => other.number - one.number);
  const goBackTo = newestFirst.filter((_, place) => place + 1 < Math.max(policy.keepGenerations, 1));

  const everything = [...newest.installations, ...generations.flatMap((one) => one.installations), ...unnamed];
  const all = [...new Set(everything.map(named))].sort();
  const kept: Record<string, string[]> = {};
  const restated: string[] = [];
  const publisherOnly: string[] = [];
  for (const name of all) {
    const release = everything.find((one) => named(one) === name) as Release;
    const own = [
      ...(holds(newest.installations, release) ? reasonsInNewest(home, release) : []),
      ...claims(home, release),
    ];
    const back = goBackTo.filter((one) => holds(one.installations, release)).map(() => "generation");
    if (holds(newest.installations, release) && own.length > 0) restated.push(name);
    if (
      holds(newest.installations, release) &&
      own.length > 0 &&
      own.every((reason) => /^window .* publisher$/.test(reason))
    )
      publisherOnly.push(name);
    if (own.length + back.length > 0) kept[name] = [...own, ...back].sort();
  }
  const retired = newestFirst.filter((one) => !goBackTo.includes(one)).map(({ number }) => number);
  if (restated.length < newest.installations.length) retired.push(newest.number);
  return {
    removed: all.filter((name) => !(name in kept)),
    kept,
    restated: restated.sort(),
    publisherOnly: publisherOnly.sort(),
    retired: retired.sort((one, other) => one - other),
  };
}

/** "pins and leases keep whatever lies on the disk" */
function claims({ pins, leases }: RandomHome, { engine, version }: Release): string[] {
  const isIt = (one: Release) => one.engine === engine && one.version === version;
  return [
    ...pins.filter(isIt).map(() => "pin"),
    ...leases.filter(({ lease, state }) => isIt(lease) && state !== "gone").map(() => "lease"),
  ];
}

/** "deployments, the window, the last known good and selections keep what the newest generation names" */
function reasonsInNewest(home: RandomHome, release: Release): string[] {
  const { newest, manifest, policy } = home;
  const { engine, version } = release;
  const reasons = scheduled(home, release);
  if (newest.selections[engine] === version) reasons.push("selected");
  if (policy.keepLastKnownGood && naiveKnownGood(home, engine) === version) reasons.push("last-known-good");
  const deployed = manifest.engines[engine]?.deployments ?? [];
  const isDeployed = deployed.some((one) => one.version === version);
  const isOlderThanAll = deployed.length > 0 && deployed.every((one) => major(one.version) > major(version));
  if (policy.keepUnscheduled && !isDeployed && !isOlderThanAll) reasons.push("generation");
  return reasons;
}

/** Of versions N.0.0. */
function major(version: string): number {
  return Number(version.split(".")[0]);
}

/** In effect at an epoch: the deployment with the greatest validFrom that is not above it. */
function answerAt({ manifest }: RandomHome, engine: string, when: number): string | undefined {
  let best: { readonly version: string; readonly validFrom: number } | undefined;
  for (const one of manifest.engines[engine]?.deployments ?? []) {
    if (one.validFrom <= when && (best === undefined || one.validFrom > best.validFrom)) best = one;
  }
  return best?.version;
}

function scheduled(home: RandomHome, { engine, version }: Release): string[] {
  const { manifest, epoch, policy } = home;
  const { deployments = [], retention = {} } = manifest.engines[engine] ?? {};
  const deployment = deployments.find((one) => one.version === version);
  if (deployment === undefined) return [];
  if (epoch === undefined || deployment.validFrom > epoch || answerAt(home, engine, epoch) === version)
    return ["deployment"];

  const answeredBetween = (first: number, last: number) => {
    for (let when = Math.max(0, first); when <= last; when += 1)
      if (answerAt(home, engine, when) === version) return true;
    return false;
  };
  const above = deployments.filter(({ validFrom }) => validFrom > deployment.validFrom && validFrom <= epoch).length;
  const reasons: string[] = [];
  const say = (rule: string, limit: number | undefined, by: string, isKept: boolean) => {
    if (isKept) reasons.push(["window", rule, limit ?? "-", by].join(" "));
  };
  if (policy.before !== undefined) say("before", policy.before, "operator", answeredBetween(policy.before, epoch));
  else {
    const own = policy.keepEpochs;
    if (own !== undefined) say("keepEpochs", own, "operator", answeredBetween(epoch - own, epoch));
    if (policy.keepSuperseded === undefined) say("keepSuperseded", 1, "default", above <= 1);
    else say("keepSuperseded", policy.keepSuperseded, "operator", above <= policy.keepSuperseded);
    if (own === undefined && retention.keepEpochs === undefined) say("everything", undefined, "default", true);
  }
  if (policy.overrulesPublisher) return reasons;
  const { keepEpochs, keepSuperseded } = retention;
  if (keepEpochs !== undefined) say("keepEpochs", keepEpochs, "publisher", answeredBetween(epoch - keepEpochs, epoch));
  if (keepSuperseded !== undefined) say("keepSuperseded", keepSuperseded, "publisher", above <= keepSuperseded);
  return reasons;
}

/** What ran at the highest epoch below that from which the one in effect holds; without a schedule, the last that ran because it was selected. */
function naiveKnownGood(home: RandomHome, engine: string): string | undefined {
  const { manifest, newest, epoch, quarantined } = home;
  const isBad = (one: Release & { readonly tree?: string }) =>
    (one.tree !== undefined && quarantined.has(one.tree)) ||
    newest.installations.some(
      (here) => here.engine === one.engine && here.version === one.version && quarantined.has(here.tree),
    );
  const lastFirst = home.work.filter((one) => one.engine === engine && !isBad(one)).toReversed();
  const deployments = manifest.engines[engine]?.deployments ?? [];
  if (deployments.length === 0) {
    const selected = newest.selections[engine];
    if (selected === undefined) return undefined;
    return lastFirst.find((one) => {
      if (one.version === selected) return false;
      return one.because === undefined ? one.tenant === undefined : one.because === "selected";
    })?.version;
  }
  if (epoch === undefined) return undefined;
  const now = deployments.find(({ version }) => version === answerAt(home, engine, epoch));
  if (now === undefined) return undefined;
  for (let when = now.validFrom - 1; when >= 0; when -= 1) {
    const found = lastFirst.find((one) => one.epoch === when && one.version !== now.version);
    if (found !== undefined) return found.version;
  }
  return undefined;
}
