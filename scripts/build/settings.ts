import type { BuildOptions } from "esbuild";

/** What every build of the project says to esbuild. */
export const FOR_NODE = {
  write: false,
  bundle: true,
  platform: "node",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** What is shipped. Every start reads it: names stay, for stack traces. */
export const SHIPPED = {
  ...FOR_NODE,
  target: "node24",
  legalComments: "inline",
  minifyWhitespace: true,
  minifySyntax: true,
} as const satisfies BuildOptions;

/** For who only asks what is read, from where: nothing is made, and the answer has its `metafile`. */
export function asRead(root: string, ...entryPoints: string[]) {
  return {
    ...FOR_NODE,
    absWorkingDir: root,
    entryPoints,
    outdir: "dist",
    splitting: true,
    format: "esm",
    metafile: true,
  } as const satisfies BuildOptions;
}
