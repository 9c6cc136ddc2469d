import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutant.ts";

const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));
const COPIED = ["src", "test", "templates", "bin", "scripts", "docs", "package.json", "tsconfig.json", "biome.json"];
/** A test that hangs has caught nothing. */
const PATIENCE_MS = 120_000;

export interface Catch {
  /** File and title of the first test that turned red; undefined where the mutant survived. */
  readonly file: string;
  readonly title: string;
}

/** A copy of the checkout to break lines in; nothing of the checkout itself is ever changed. */
export class Workshop implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "enginery-mutants-"));

  constructor() {
    for (const name of COPIED) cpSync(join(CHECKOUT, name), join(this.#folder, name), { recursive: true });
    symlinkSync(join(CHECKOUT, "node_modules"), join(this.#folder, "node_modules"));
  }

  /** Takes the line out, runs the tests that should see it, puts it back. */
  async catchOf({ file, from, to, by }: Mutant): Promise<Catch | undefined> {
    const path = join(this.#folder, file);
    const sound = readFileSync(path, "utf8");
    if (sound.split(from).length !== 2) throw new Error(`${file} does not hold this exactly once: ${from}`);
    writeFileSync(
      path,
      sound.replace(from, () => to),
    );
    try {
      for (const test of by) {
        const title = await this.firstRed(test);
        if (title !== undefined) return { file: test, title };
      }
      return undefined;
    } finally {
      writeFileSync(path, sound);
    }
  }

  /** Title of the first test of a file that fails; undefined where all pass. Errors: where it cannot be run or does not end. */
  async firstRed(test: string): Promise<string | undefined> {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NODE_")));
    const child = spawn(process.execPath, ["--test-reporter=tap", test], {
      cwd: this.#folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    let said = "";
    let red: string | undefined;
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      red ??= /^ *not ok \d+ - (.*)$/m.exec(said)?.[1];
      if (red !== undefined) child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    if (red !== undefined) return red.replaceAll("\\#", "#");
    if (status === 0) return undefined;
    throw new Error(`${test} ended with ${status ?? "a signal"} and no failed test:\n${said.slice(-2000)}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
