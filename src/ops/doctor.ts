import { isEngineryError } from "../core/errors.ts";
import { openToExamine } from "../store/home.ts";
import { configFindings } from "./doctor/config.ts";
import { begunAs, type Examination } from "./doctor/examination.ts";
import { bad } from "./doctor/findings.ts";
import { foundationFindings } from "./doctor/foundation.ts";
import { generationFindings } from "./doctor/generations.ts";
import { holdFindings } from "./doctor/hold.ts";
import { clockFinding, diskFinding, fileSystemFinding } from "./doctor/host.ts";
import { installationFindings } from "./doctor/installations.ts";
import { leaseFolderFindings } from "./doctor/lease-folder.ts";
import { ledgerFindings } from "./doctor/ledger.ts";
import { leftoverFindings } from "./doctor/leftovers.ts";
import { permissionFindings } from "./doctor/permissions.ts";
import { pinFindings } from "./doctor/pins.ts";
import { quarantineFindings } from "./doctor/quarantine.ts";
import { recordFindings } from "./doctor/records.ts";
import { trustFindings } from "./doctor/trust.ts";
import { viewFindings } from "./doctor/views.ts";
import { requireOwner } from "./home-dangers.ts";
import { locked } from "./locking.ts";
import type { DoctorResult, Finding, HomeRequest } from "./operator.ts";
import type { World } from "./world.ts";

type DoctorRequest = HomeRequest & { readonly fix: boolean };
type Examiner = (examination: Examination) => readonly Finding[] | Promise<readonly Finding[]>;

/** Each may rest on what those before it have mended. */
const EXAMINERS: readonly Examiner[] = [
  ({ world, home }) => [fileSystemFinding(world, home)],
  permissionFindings,
  ({ world, home }) => [diskFinding(world, home)],
  ({ world, home }) => [clockFinding(world, home)],
  foundationFindings,
  leaseFolderFindings,
  configFindings,
  generationFindings,
  trustFindings,
  installationFindings,
  recordFindings,
  pinFindings,
  quarantineFindings,
  holdFindings,
  viewFindings,
  leftoverFindings,
  // last: what was found before it may have added lines
  ledgerFindings,
];

/**
 * Looks at host and home (docs/operations/doctor.md), and mends with `fix` what can be mended without the network. Damage is a finding, never an
 * error. Hashing of engines is the business of `verify`. Errors: `no-home`, `not-a-home`, `home-newer`; with `fix` `busy` and `permission` too.
 */
export async function doctor(world: World, request: DoctorRequest): Promise<DoctorResult> {
  const { home, problem } = openToExamine(request.home, world);
  const begin = (fix: boolean) => examine(begunAs({ world, home, fix, versionProblem: problem }));
  if (request.fix) requireOwner(world, home);
  const findings = request.fix ? await locked(world, home, "doctor --fix", () => begin(true)) : await begin(false);
  return { ok: findings.every(({ severity }) => severity !== "error"), findings };
}

async function examine(examination: Examination): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const examiner of EXAMINERS) findings.push(...(await guarded(examiner, examination)));
  return findings;
}

/** What one examiner cannot get at is a finding too, and the others go on. */
async function guarded(examiner: Examiner, examination: Examination): Promise<readonly Finding[]> {
  try {
    return await examiner(examination);
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return [bad(error.code, error.message, error.hint)];
  }
}
