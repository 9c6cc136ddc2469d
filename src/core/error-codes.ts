/**
 * Every way in which Enginery can fail: the exit status (docs/CLI.md, "Exit codes"), what it means, what to do.
 * docs/ERRORS.md is generated from this table; a code that leaves it is a breaking change for those who match on it.
 */
interface ErrorRow {
  readonly exit: ExitStatus;
  readonly means: string;
  readonly mend: string;
}

export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 10;

const row = <E extends ExitStatus>(exit: E, means: string, mend: string) => ({ exit, means, mend }) as const;

export const ERROR_CODES = {
  internal: row(1, "Enginery itself is at fault.", "Report it with the output of the same command and -v."),

  usage: row(2, "The command's words are off.", "See `enginery help`."),
  "bad-name": row(2, "A name has a form that is not allowed.", "Use letters, digits, dot, dash and underscore."),
  "bad-version": row(2, "A version is not exact semver.", "Write MAJOR.MINOR.PATCH, or X.Y for X.Y.0."),
  "bad-epoch": row(2, "An epoch is not a whole number from 0.", "Give a whole number from 0 to 9007199254740991."),
  "unknown-engine": row(2, "No such engine.", "See `enginery schedule` for the names."),
  "unknown-version": row(2, "No such release of that engine.", "See `enginery schedule ENGINE` for the versions."),
  "unknown-channel": row(2, "The repository has no such channel.", "Ask the publisher for the channel's name."),
  "unknown-entry": row(2, "The release has no such entry point.", "See `enginery list --json` for the entries."),
  "unknown-generation": row(2, "There is no generation of that number.", "See `enginery history`."),
  "unknown-tenant": row(2, "That tenant has no pin for this engine.", "See `enginery pins`."),
  "config-invalid": row(2, "config.json is not usable.", "Correct or remove the key that is named."),
  "key-unreadable": row(2, "A key file cannot be used.", "Check the file and its passphrase."),
  "root-required": row(2, "No trusted root was given.", "Give --root FILE or --root-sha256 HEX."),
  "confirmation-required": row(2, "This needs a yes, and nobody can be asked.", "Say it again with --yes."),

  "schedule-empty": row(3, "An engine has no deployment.", "Give every engine at least one deployment."),
  "schedule-duplicate-version": row(3, "Two deployments carry one version.", "Deploy each version once."),
  "schedule-order": row(3, "validFrom does not rise with the version.", "Give later versions later epochs."),
  "schedule-unreachable": row(3, "A deployment can never be in effect.", "Remove it, or give it an epoch of its own."),
  "schedule-max-future": row(3, "More deployments lie ahead than the rules allow.", "Wait, or change `repo rules`."),
  "schedule-max-deployments": row(
    3,
    "More deployments than the rules allow.",
    "Retire the oldest, or change `repo rules`.",
  ),
  "schedule-no-release": row(3, "A deployment names a version without a release.", "Add the release with `repo add`."),
  "schedule-hole": row(3, "A superseded deployment went before an older one.", "Retire the oldest first."),
  "schedule-in-effect": row(3, "The deployment in effect was changed or removed.", "Restore it as it was."),
  "schedule-past-change": row(
    3,
    "A change lies at or before the present epoch.",
    "Use a validFrom after the present epoch.",
  ),
  "schedule-alter-pending": row(
    3,
    "A pending deployment was altered.",
    "Allow it with `repo rules --alter-pending allow`.",
  ),
  "schedule-alter-unknown": row(
    3,
    "A deployment is altered and the epoch is unknown.",
    "Say the epoch: `enginery observe EPOCH`.",
  ),
  "schedule-epoch-lower": row(
    3,
    "A manifest's epoch is lower than that of the one before.",
    "Say the present epoch: `repo sign --epoch NOW`.",
  ),
  "release-changed": row(3, "A published release was changed.", "Publish the new bytes under a new version."),
  "release-conflict": row(3, "The same version is installed with other bytes.", "Ask the publisher for a new version."),
  "release-withdrawn": row(3, "The publisher has withdrawn this release.", "Install another version."),
  "release-quarantined": row(
    3,
    "This release is known bad on this host.",
    "See `enginery quarantine`, and lift it there.",
  ),
  "library-name-conflict": row(3, "Two releases map to one libNAME.so.X.Y.", "Give one of them another minor version."),
  "platform-missing": row(3, "The release has no build for this platform.", "Ask the publisher for one."),
  "probe-failed": row(
    3,
    "An entry point did not prove itself on this host.",
    "See the reason; `enginery quarantine lift` tries again.",
  ),
  "input-mismatch": row(
    3,
    "A file given to the engine is not one that this release reads.",
    "Use the release that the hint names, or the one that wrote the file.",
  ),
  "guard-unknown": row(3, "An entry point is guarded in a way that this Enginery does not know.", "Update Enginery."),
  "host-lacks": row(
    3,
    "This host lacks what the release needs.",
    "Mend the host, or ask the publisher for another build; it is tried again once the host has changed.",
  ),
  "late-work": row(3, "Work ran here in an epoch that the manifest changes.", "Accept it with --accept-late REASON."),
  "pin-mismatch": row(3, "The tenant is pinned to another version.", "Change the pin with `enginery pin`."),
  "pin-not-installed": row(
    3,
    "A pin names a release that is not installed here.",
    "Install it: `enginery install ENGINE@VERSION`.",
  ),
  "rollback-loses-epoch": row(
    3,
    "An epoch that has begun would lose its engine.",
    "Say --force REASON if that is meant.",
  ),
  "prune-below-retention": row(
    3,
    "Prune would let go of what the publisher needs kept.",
    "Leave out --before, or say --force REASON if that is meant.",
  ),
  "observation-lower": row(3, "The epoch is lower than the one seen before.", "Say --force REASON if that is meant."),
  "observation-jump": row(
    3,
    "The epoch is further ahead of the one seen before than is taken at once.",
    "Ask others what the epoch is; say --force REASON if it is right.",
  ),
  "source-refused": row(3, "The address is not one to fetch from.", "Use https:, file:, a folder or npm:."),
  "redirect-refused": row(
    3,
    "The server sends us to an origin that is not allowed.",
    "Use the final address as --from.",
  ),
  "home-newer": row(3, "The home was laid out by a newer Enginery.", "Update Enginery."),
  "not-a-home": row(3, "The folder is not a home of Enginery.", "Give an empty or a new folder as --home."),
  "home-exists": row(
    3,
    "The home follows another repository or channel.",
    "Use `enginery upgrade`, or another --home.",
  ),
  "file-system-refused": row(3, "The file system does not keep what it is told.", "Put the home on a local disk."),
  refused: row(3, "A rule or policy forbids it.", "See the message."),

  "trust-signature": row(4, "Too few valid signatures.", "Do not go on; ask the publisher."),
  "trust-expired": row(
    4,
    "Signed metadata has expired.",
    "Ask the publisher to refresh; or --allow-expired REASON for a folder.",
  ),
  "trust-rollback": row(
    4,
    "The repository offers something older than was seen.",
    "Try another mirror; ask the publisher.",
  ),
  "trust-root": row(4, "The trusted root is not the expected one.", "Check the fingerprint with the publisher."),
  "trust-format": row(4, "Signed metadata breaks its format.", "Ask the publisher."),
  "trust-channel": row(4, "The manifest is for another channel.", "Ask the publisher."),
  "trust-chain": row(4, "The chain of manifests is broken.", "Ask the publisher."),

  "hash-mismatch": row(5, "Bytes are not those that were signed.", "Try again, or another mirror."),
  "length-mismatch": row(5, "There are more or fewer bytes than were signed.", "Try again, or another mirror."),
  "archive-hostile": row(
    5,
    "The archive holds something that must not be unpacked.",
    "Do not use it; ask the publisher.",
  ),
  "archive-malformed": row(5, "The archive is not well formed.", "Ask the publisher."),
  "tree-mismatch": row(5, "What was unpacked is not the signed tree.", "Ask the publisher."),
  "document-invalid": row(5, "A document does not keep to its format.", "Ask the publisher."),
  "installation-damaged": row(5, "Installed files are not what was sealed.", "Mend it: `enginery verify --repair`."),
  "generation-unreadable": row(5, "The newest generation cannot be read.", "Mend it: `enginery doctor --fix`."),
  "home-damaged": row(5, "A file of the home cannot be read.", "Mend it: `enginery doctor --fix`."),

  busy: row(6, "Another Enginery is at work in this home.", "Wait for it, or try again."),
  "commit-lost": row(6, "Another writer committed first.", "Try again."),
  claimed: row(
    6,
    "A running process claims an engine of this home.",
    "End it and try again; one of another machine: `enginery prune --forget-lease ID`.",
  ),
  marked: row(6, "The installation is about to be removed.", "Try again; install it if it is gone."),
  "answer-outdated": row(6, "The home has changed since that was answered.", "Resolve again."),

  network: row(7, "The network did not answer as it should.", "Try again; check the address and the proxy."),
  "http-status": row(7, "The server answered with an error.", "Check the address; try again later."),
  timeout: row(7, "It took too long.", "Try again."),
  offline: row(7, "The network is needed and --offline forbids it.", "Say it again without --offline."),
  "epoch-unreadable": row(
    7,
    "An epoch source told no epoch.",
    "Check the source; until then say the epoch: `enginery observe EPOCH`.",
  ),
  "disk-full": row(7, "The disk is full.", "Free some space: `enginery prune`."),
  "disk-space": row(7, "There is too little free space for this.", "Free some space: `enginery prune`."),
  permission: row(7, "The operating system forbids it.", "Check the owner and mode of the path."),
  "lease-folder": row(
    7,
    "The folder outside the home in which processes claim what they run is missing.",
    "Make it, as the message says, or as root: `enginery doctor --fix`.",
  ),
  "read-only": row(7, "The file system is read-only.", "Mount it writable."),
  missing: row(7, "A file or folder that is needed is not there.", "Check the path."),
  io: row(7, "The operating system reports an error.", "See the message; `enginery doctor` looks closer."),
  "no-home": row(
    7,
    "There is no home of Enginery here.",
    "Make it: `enginery install --from URL --channel NAME --root FILE`.",
  ),
  "node-too-old": row(
    7,
    "This Node is older than Enginery needs.",
    "Install a later Node, or name one: ENGINERY_NODE.",
  ),
  "engine-start": row(7, "The engine could not be started.", "Run `enginery verify` and `enginery doctor`."),

  "nothing-in-effect": row(8, "No deployment is in effect.", "See `enginery schedule ENGINE`."),
  "release-not-installed": row(
    8,
    "The release is in effect but not installed here.",
    "Install it: `enginery install ENGINE@VERSION`.",
  ),
  "epoch-unknown": row(
    8,
    "The answer depends on the epoch, and it is unknown.",
    "Give --epoch N, or `enginery observe N`.",
  ),

  "updates-available": row(10, "There are updates.", "Take them: `enginery upgrade`."),
  "not-ready": row(10, "Something is not ready.", "See the items that are named."),
  "signatures-missing": row(10, "More signatures are needed.", "Have the others run `enginery repo sign`."),
} as const satisfies Record<string, ErrorRow>;

/** The closed union of error codes. */
export type ErrorCode = keyof typeof ERROR_CODES;
