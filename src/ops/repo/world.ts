import type { ArchiveSurveyor } from "../../ports/archive-survey.ts";
import type { MetadataAuthor } from "../../ports/authoring.ts";
import type { DeltaWriter } from "../../ports/delta.ts";
import type { KeyFormat } from "../../ports/keys.ts";
import { openRepository, type Repository } from "../../store/repository.ts";
import type { World } from "../world.ts";

/** What a publisher's verbs need beyond an operator's; made by main.ts, loaded when it is called. */
export interface PublisherWorld extends World {
  readonly authoring: () => Promise<MetadataAuthor>;
  readonly keyFormat: () => Promise<KeyFormat>;
  readonly deltaWriter: () => Promise<DeltaWriter>;
  readonly archiveSurveyor: () => Promise<ArchiveSurveyor>;
}

/** Touches no disk. */
export function repositoryOf(world: PublisherWorld, directory: string): Repository {
  return openRepository(directory, world.fileSystem, () => world.identifiers.operation());
}
