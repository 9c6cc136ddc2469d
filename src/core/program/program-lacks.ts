import type { Program } from "../model/program.ts";
import { elfLacks } from "./elf-lacks.ts";
import { type Lack, type LackQuestion, loaderLacks, otherBuild } from "./lack.ts";
import { machOLacks } from "./mach-o-lacks.ts";
import { windowsLacks } from "./windows-lacks.ts";

export type { Lack, LackQuestion } from "./lack.ts";

const SYSTEM_OF = { elf: "linux", "mach-o": "darwin", pe: "win32" } as const;

/**
 * What the file, and what it loads of its own release, needs and this host has not; the weightiest first. Empty where nothing speaks against it.
 * Cost: reads the headers of the file and of each library that it loads.
 */
export function programLacks(question: LackQuestion): readonly Lack[] {
  const program = question.read(`${question.folder}/${question.path}`) ?? { kind: "unknown" };
  const lacks = lacksOf(question, program);
  const weights = ["certain", "likely", "unclear"] as const;
  return weights.flatMap((weight) => lacks.filter((lack) => lack.weight === weight));
}

function lacksOf(question: LackQuestion, program: Program): readonly Lack[] {
  const { path, platform } = question;
  if (program.kind === "unknown") return [];
  if (program.kind === "script") return loaderLacks(question, program.interpreter, "the interpreter");
  if (SYSTEM_OF[program.kind] !== platform.split("-", 1)[0]) {
    return [otherBuild(question, `${path} is a program for another system (${program.kind})`)];
  }
  if (program.kind === "elf") return elfLacks(question, program);
  return program.kind === "mach-o" ? machOLacks(question, program) : windowsLacks(question, program);
}
