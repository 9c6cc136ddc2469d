import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Prepared } from "./engines.ts";
import { goEnvironment, mustGo, sufficientGo } from "./go.ts";
import { cached, must, prepared } from "./prepare.ts";

const CHECKOUT = join(import.meta.dirname, "..", "..", "..");
const CACHE = join(CHECKOUT, ".cache", "systems");
const SIGNATURES = join(import.meta.dirname, "signatures");
const CHECK_LAYOUT = join(import.meta.dirname, "check_layout.py");
/** Of the wheel for Linux x64. */
const LIEF = "96277e45d58de45a33249079dac43e50db1c96da162fbe1ad02fbaa82e3bd06f";

/** LIEF, a reader of programs that others wrote; as its wheel, which is a zip. */
export function prepareLief(): Prepared {
  return prepared(() => {
    mkdirSync(CACHE, { recursive: true });
    return cached(CACHE, "lief 1.0.0 for Python 3.11", "lief.whl", (work) => {
      if (!/ 3\.11\./.test(must("python3", ["--version"], work))) throw new Error("LIEF's wheel is for Python 3.11");
      must(
        "python3",
        ["-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "--dest", work, "lief==1.0.0"],
        work,
      );
      const [wheel = ""] = globSync("*.whl", { cwd: work });
      const bytes = readFileSync(join(work, wheel));
      const found = createHash("sha256").update(bytes).digest("hex");
      if (found !== LIEF) throw new Error(`lief 1.0.0 is another file here: ${found}`);
      return join(work, wheel);
    });
  });
}

/** The folder of LIEF, for Python's path. `folder` does not exist yet. */
export function unpackLief(lief: string, folder: string): string {
  must("python3", ["-m", "zipfile", "-e", lief, folder], ".");
  return folder;
}

export interface Layout {
  readonly ok: boolean;
  /** What the system's loader would have against it; empty where it is ok. */
  readonly why: string;
}

/** Whether the loaders of macOS, Windows and Linux would take the file, as LIEF models their looks. */
export function layoutOf(lief: string, file: string): Layout {
  const env = { ...process.env, PYTHONPATH: lief };
  const ran = spawnSync("python3", [CHECK_LAYOUT, file], { encoding: "utf8", env });
  if (ran.status !== 0) return { ok: false, why: `LIEF cannot read it: ${ran.stderr.trim().split("\n").at(-1)}` };
  return JSON.parse(ran.stdout) as Layout;
}

/** The program of signatures/, which reads Apple's signatures by go-macho; that module's version and hash are in its go.mod and go.sum. */
export function prepareSignatureReader(): Prepared {
  return prepared(() => {
    mkdirSync(CACHE, { recursive: true });
    const sources = ["main.go", "go.mod", "go.sum"].map((file) => readFileSync(join(SIGNATURES, file), "utf8"));
    const key = `signatures ${process.arch} ${createHash("sha256").update(sources.join("\0")).digest("hex")}`;
    return cached(CACHE, key, "signatures", (work) => {
      cpSync(SIGNATURES, join(work, "source"), { recursive: true });
      const env = goEnvironment(work);
      const { go, root } = sufficientGo(env);
      const words = ["build", "-buildvcs=false", "-o", join(work, "signatures"), "."];
      mustGo(go, words, { ...env, ...root }, join(work, "source"));
      return join(work, "signatures");
    });
  });
}

export interface ReadSignature {
  readonly id: string;
  readonly pages: number;
  readonly problems: readonly string[];
}

/** What go-macho reads in a program's ad-hoc signature, and where its own signature of the same code differs. */
export function signatureIn(reader: string, file: string): ReadSignature {
  return JSON.parse(must(reader, [file], ".")) as ReadSignature;
}

/** A command of the system's. `version`: words that it answers with success. */
export function found(command: string, version = "--version"): Prepared {
  return spawnSync(command, [version]).status === 0 ? { path: command } : { missing: `there is no ${command} here` };
}
