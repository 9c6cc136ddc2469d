import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** What npm on this machine would use: its npmrc files (built in, global, user, project) and `npm_config_*` variables. */
export type NpmConfiguration = Readonly<Record<string, unknown>>;

/** npm's own registry, whatever is configured in its place: what `replace-registry-host` means by `npmjs`. */
export const NPM_REGISTRY = "npm's own registry";

/** Takes some 30 ms. `cwd`: the folder whose `.npmrc` counts. Errors: those of npm's library, for a broken npmrc. */
export async function loadNpmConfiguration(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<NpmConfiguration> {
  const [{ default: Config }, { default: vocabulary }] = await Promise.all([
    import("@npmcli/config"),
    import("@npmcli/config/lib/definitions/index.js"),
  ]);
  const { npmPath, execPath } = findNpm(env);
  const { definitions, shorthands, flatten, nerfDarts } = vocabulary;
  const settings = { npmPath, execPath, cwd, warn: false, definitions, shorthands, flatten, nerfDarts };
  // The library writes into the environment that it is given, and reads flags from the words.
  const config = new Config({ ...settings, argv: [execPath, "enginery"], env: { ...env } });
  await config.load();
  return { ...config.flat, [NPM_REGISTRY]: definitions["registry"]?.default };
}

/** The npm on the search path: its folder holds the built-in npmrc, the Node beside it tells the global one. */
function findNpm(env: Readonly<Record<string, string | undefined>>): {
  readonly npmPath: string;
  readonly execPath: string;
} {
  for (const folder of (env["PATH"] ?? env["Path"] ?? "").split(delimiter)) {
    const npm = join(folder, process.platform === "win32" ? "npm.cmd" : "npm");
    if (folder === "" || !existsSync(npm)) continue;
    const node = join(folder, process.platform === "win32" ? "node.exe" : "node");
    return { npmPath: npmFolder(npm), execPath: existsSync(node) ? node : process.execPath };
  }
  return { npmPath: dirname(process.execPath), execPath: process.execPath };
}

function npmFolder(npm: string): string {
  if (process.platform === "win32") return join(dirname(npm), "node_modules", "npm");
  return dirname(dirname(realpathSync(npm)));
}
