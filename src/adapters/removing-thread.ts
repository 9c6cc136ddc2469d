/**
 * What a thread does: removes the folders that it was given, from their last entry to the first. It is handed to the thread as text, as
 * `hashingThread` is. An error is no matter of its: the thread that it helps comes by, too. What is gone was removed by the other.
 */
export function removingThread(): void {
  const { lstatSync, readdirSync, rmdirSync, unlinkSync } = process.getBuiltinModule("node:fs");
  const { workerData } = process.getBuiltinModule("node:worker_threads");

  function attempt(action: () => void): void {
    try {
      action();
    } catch {
      // the other thread's to tell, where it is one
    }
  }

  function empty(folder: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true }).reverse()) {
      const path = `${folder}/${entry.name}`;
      attempt(() => (entry.isDirectory() ? empty(path) : unlinkSync(path)));
    }
    attempt(() => rmdirSync(folder));
  }

  for (const folder of (workerData as readonly string[]).toReversed()) {
    attempt(() => {
      if (lstatSync(folder).isDirectory()) empty(folder);
    });
  }
}
