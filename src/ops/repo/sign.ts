import type { MetadataRole } from "../../ports/authoring.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { SignRequest, SignResult } from "../publisher.ts";
import { requireContent } from "./content-check.ts";
import { requireEpoch } from "./deploy.ts";
import { collectSignatures, type SignedDocument } from "./documents.ts";
import { withRepositoryLock } from "./locking.ts";
import { keepProposed, type Pointers, signPointers } from "./pointers.ts";
import { type Desk, type Proposal, propose } from "./proposal.ts";
import { makeVisible, tidy, verifyAsClients } from "./publish.ts";
import { readPublished } from "./published.ts";
import { signResult } from "./sign-result.ts";
import { openSigners, type Signers } from "./signers.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

const DEFAULT_EXPIRES = "30d";

/**
 * Adds the signatures that these keys give to what is drafted; once every threshold is met, and two clients in memory take it, makes it
 * visible (docs/operations/repo-sign.md). Errors: `schedule-*`, `release-changed`, `trust-*`, `key-unreadable`, `busy`, `usage`.
 */
export async function sign(world: PublisherWorld, request: SignRequest): Promise<SignResult> {
  if (request.epoch !== undefined) requireEpoch(request.epoch);
  const repository = repositoryOf(world, request.directory);
  const author = await world.authoring();
  return await withRepositoryLock(world, repository, { verb: "sign", dryRun: request.dryRun }, async () => {
    const published = readPublished(repository, author, world.digester);
    const desk: Desk = { repository, author, digester: world.digester, published, now: world.clock.now() };
    const signers = await openSigners(world, request.directory, request);
    const proposal = propose(desk, { ...request, expires: offlineExpires(request) });
    if (proposal === undefined) {
      if (!request.dryRun) tidy(desk);
      return signResult(desk, { visible: true, changed: false, documents: [], dryRun: request.dryRun });
    }
    if (proposal.manifest !== undefined) await requireContent(world, repository, published, proposal.manifest.manifest);
    return await signProposal(world, desk, signers, proposal, request);
  });
}

async function signProposal(
  world: PublisherWorld,
  desk: Desk,
  signers: Signers,
  proposal: Proposal,
  request: SignRequest,
): Promise<SignResult> {
  const { author } = desk;
  const { before } = proposal;
  const expires = request.expires ?? DEFAULT_EXPIRES;
  const documents: SignedDocument[] = [];
  const collect = async (role: MetadataRole, bytes: Uint8Array, root: Proposal["root"]): Promise<SignedDocument> => {
    const signed = await collectSignatures(author, signers, role, bytes, { root, before });
    documents.push(signed);
    return signed;
  };

  // A root that nobody has signed for is trusted by none: it counts as signed only with its signatures in it.
  const rootDocument = before === undefined ? undefined : await collect("root", proposal.root.bytes, proposal.root);
  const root = rootDocument === undefined ? proposal.root : { ...proposal.root, bytes: rootDocument.bytes };
  const targets = proposal.newTargets ? (await collect("targets", proposal.targets, root)).bytes : proposal.targets;
  const pointers = documents.every(({ complete }) => complete)
    ? await signPointers(desk, signers, targets, { root, before }, expires)
    : undefined;
  documents.push(...pointerDocuments(pointers));

  const whole = pointers?.snapshot.complete === true && pointers.timestamp?.complete === true;
  const outcome = { ...proposal, root, documents, dryRun: request.dryRun };
  if (!whole || pointers.timestamp === undefined) {
    if (!request.dryRun) keepProposal(desk, proposal, documents);
    return signResult(desk, { ...outcome, visible: false, changed: false });
  }
  const complete = {
    ...proposal,
    root,
    targets,
    snapshot: pointers.snapshot.bytes,
    timestamp: pointers.timestamp.bytes,
  };
  await verifyAsClients(world, desk, complete);
  if (request.dryRun) return signResult(desk, { ...outcome, visible: true, changed: true });
  // repo-sign.md 7, kept first: dying while it becomes visible, the next run has every signature that this one was given.
  keepProposal(desk, proposal, documents);
  makeVisible(desk, complete);
  return signResult({ ...desk, published: tidy(desk) }, { ...outcome, visible: true, changed: true });
}

function keepProposal(desk: Desk, { manifest }: Proposal, documents: readonly SignedDocument[]): void {
  if (manifest !== undefined) desk.repository.write(repositoryLayout.proposedChannel(manifest.channel), manifest.bytes);
  for (const document of documents) keepProposed(desk, document);
}

function pointerDocuments(pointers: Pointers | undefined): readonly SignedDocument[] {
  if (pointers === undefined) return [];
  return pointers.timestamp === undefined ? [pointers.snapshot] : [pointers.snapshot, pointers.timestamp];
}

/** Root and targets keys are people's: what they sign lasts longer than what a machine refreshes, unless an instant is asked for. */
function offlineExpires({ expires, offlineExpires: own }: SignRequest): string {
  if (own !== undefined) return own;
  return expires === undefined || isShorterThanYear(expires) ? "365d" : expires;
}

function isShorterThanYear(expires: string): boolean {
  const days = /^([0-9]+)d$/.exec(expires)?.[1];
  return /^[0-9]+[hm]$/.test(expires) || (days !== undefined && Number(days) < 365);
}
