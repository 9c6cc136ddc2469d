import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { carriedPackages } from "../supply/carried.ts";

const RULE = `\n${"-".repeat(80)}\n\n`;

/** The notices of all that the build carries, each text once. For `dist/LICENCES.txt`. */
export function licenceTexts(root: string): string {
  const owners = new Map<string, string[]>();
  for (const { folder, name, version, license = "" } of carriedPackages(root)) {
    const text = textIn(join(root, folder)) ?? `${license}, as its package.json says; it brings no text of its own.\n`;
    owners.set(text, [...(owners.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...owners].map(([text, names]) => `${names.join(", ")}\n\n${text}`);
  return ["What others wrote and this program carries within itself.\n", ...parts].join(RULE);
}

function textIn(folder: string): string | undefined {
  const file = readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying)/i.test(name))
    .sort()[0];
  return file === undefined
    ? undefined
    : `${readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim()}\n`;
}
