import { createHash } from "node:crypto";
import { relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { type Groups, groupModules } from "./groups.ts";
import { lazyBuiltins } from "./lazy-builtins.ts";
import { leanLock } from "./lean-lock.ts";
import { leanUndici } from "./lean-undici.ts";
import { SHIPPED } from "./settings.ts";

const ELSEWHERE = "elsewhere";
const COMMON = ".cjs";
/** Stands for the loader of these files in what they `require`: bin/start.cjs. */
export const LOADER = "./load.cjs";

/** Beside the files that `buildCommand` makes: the hash of all of them. */
export const BUILD_ID = "build-id";

/** The command line as CommonJS, whose loading costs a start less than that of ES modules. From file names to their text. */
export async function buildCommand(root: string): Promise<ReadonlyMap<string, string>> {
  const groups = await groupModules(root, "src/main.ts");
  const files = await Promise.all(
    [...groups.asked.keys()].map(async (group) => [`${group}.cjs`, await textOf(root, groups, group)] as const),
  );
  const buildId = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
  const loader = 'exports.load = (name) => require("./" + name + ".cjs");\n';
  return new Map([...files, ["load.cjs", loader], [BUILD_ID, buildId]]);
}

async function textOf(root: string, groups: Groups, group: string): Promise<string> {
  const asked = groups.asked.get(group) ?? [];
  const members = asked.map((path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(`./${path}`)})`);
  const { outputFiles } = await build({
    ...SHIPPED,
    absWorkingDir: root,
    stdin: { contents: `module.exports = {\n${members.join(",\n")}\n};`, resolveDir: root, sourcefile: `${group}.cjs` },
    format: "cjs",
    external: [LOADER],
    plugins: [leanLock, leanUndici, lazyBuiltins, fromOtherFiles(root, groups, group)],
  });
  return wrapped(plainAscii(outputFiles[0]?.text ?? ""));
}

/** bin/start.cjs runs it as a script, to which it is a function, from text that nothing is joined to; to `require` it is a module. */
function wrapped(text: string): string {
  const parameters = "exports, require, module";
  return `(typeof module === "object" ? (f) => f(${parameters}) : (f) => f)(function (${parameters}) {\n${text}\n});\n`;
}

/** bin/start.cjs reads a byte as a character. esbuild escapes what stands in strings, and leaves it in regular expressions. */
function plainAscii(text: string): string {
  return text.replaceAll(/[^\0-\x7f]/g, (unit, at: number) => {
    if (text[at - 1] === "\\") throw new Error(`No escape can follow a backslash: ${text.slice(at - 40, at + 1)}`);
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** A module that lies in another file is asked from there. */
function fromOtherFiles(root: string, { of, target }: Groups, group: string): Plugin {
  return {
    name: ELSEWHERE,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, importer }) => {
        const found = target(relative(root, importer), path);
        if (found === undefined || [undefined, group].includes(of.get(found))) return undefined;
        // what esbuild reads there is CommonJS, whatever the file's own name says
        return { path: `${found}${COMMON}`, namespace: ELSEWHERE };
      });
      onLoad({ filter: /.*/, namespace: ELSEWHERE }, ({ path }) => {
        const found = path.slice(0, -COMMON.length);
        const [file, name] = [JSON.stringify(of.get(found)), JSON.stringify(found)];
        return {
          contents: `module.exports = require(${JSON.stringify(LOADER)}).load(${file})[${name}]();`,
          loader: "js",
        };
      });
    },
  };
}
