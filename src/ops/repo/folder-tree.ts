import { EngineryError } from "../../core/errors.ts";
import type { TreeFile } from "../../core/model/tree.ts";
import { quote } from "../../core/quote.ts";
import { fileChunks } from "../../store/repository.ts";
import type { PublisherWorld } from "./world.ts";

/** Every file of a folder, hashed. Reads each once. Errors: `missing`; `refused` for links, devices and empty folders' worth of nothing. */
export async function readFolder(world: PublisherWorld, folder: string): Promise<readonly TreeFile[]> {
  const files: TreeFile[] = [];
  for (const path of listFiles(world, folder, "")) {
    const digest = world.digester.start();
    let bytes = 0;
    for await (const chunk of fileChunks(world.fileSystem, `${folder}/${path}`)) {
      digest.update(chunk);
      bytes += chunk.length;
    }
    const mode = world.fileSystem.status(`${folder}/${path}`)?.mode ?? 0;
    files.push({ path, bytes, sha256: digest.finish(), executable: (mode & 0o111) !== 0 });
  }
  if (files.length === 0)
    throw new EngineryError("refused", `The folder ${folder} holds no file.`, {
      hint: "Give the folder whose files are the release.",
      context: { folder },
    });
  return files;
}

function listFiles(world: PublisherWorld, folder: string, below: string): readonly string[] {
  const entries = world.fileSystem.list(below === "" ? folder : `${folder}/${below}`);
  if (entries === undefined)
    throw new EngineryError("missing", `There is no folder ${folder}.`, { context: { folder } });
  return entries.flatMap(({ name, kind }) => {
    const path = below === "" ? name : `${below}/${name}`;
    if (kind === "directory") return listFiles(world, folder, path);
    if (kind === "file") return [path];
    throw new EngineryError(
      "refused",
      `${quote(path)} is a ${kind === "link" ? "link" : "special file"}, and a release holds files only.`,
      {
        hint: "Put a copy of the file in its place.",
        context: { path, kind },
      },
    );
  });
}
