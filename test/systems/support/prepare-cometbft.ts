import { spawnSync } from "node:child_process";
import { chmodSync, globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Prepared } from "../../engines/support/engines.ts";
import { cached, prepared } from "../../engines/support/prepare.ts";

export const COMETBFT_VERSION = "0.38.26";
const RECIPE = 1;
/** What go.mod of that version asks for, and a toolchain that meets it where the host's Go does not. */
const NEEDED_GO = [1, 22] as const;
const TOOLCHAIN = "go1.24.9";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 30 * 60_000;

/** The node of CometBFT, built from its sources as Go's module proxy serves them, or why it is not. */
export function prepareCometbft(cache: string): Prepared {
  return prepared(() => {
    mkdirSync(cache, { recursive: true });
    return cached(cache, `cometbft ${COMETBFT_VERSION} ${process.arch} recipe ${RECIPE}`, "cometbft", (work) => {
      const env = {
        ...process.env,
        GOPATH: join(work, "path"),
        GOCACHE: join(work, "cache"),
        // what is downloaded can be removed again
        GOFLAGS: "-modcacherw",
        CGO_ENABLED: "0",
      };
      const { go, root } = sufficientGo(env);
      must(go, ["install", `github.com/cometbft/cometbft/cmd/cometbft@v${COMETBFT_VERSION}`], { ...env, ...root });
      return join(env.GOPATH, "bin", "cometbft");
    });
  });
}

/** Distributions' Go may be years old: then the proxy serves a newer one, as a module, whose programs have lost their mode. */
function sufficientGo(env: Environment): { readonly go: string; readonly root: Environment } {
  const said = spawnSync("go", ["env", "GOVERSION"], { env, encoding: "utf8" });
  if (said.error !== undefined) throw new Error("Go is missing");
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(said.stdout)?.map(Number) ?? [];
  if (major > NEEDED_GO[0] || (major === NEEDED_GO[0] && minor >= NEEDED_GO[1])) return { go: "go", root: {} };
  const architecture = ARCHITECTURES[process.arch];
  if (process.platform !== "linux" || architecture === undefined)
    throw new Error(`Go ${NEEDED_GO.join(".")} is missing`);
  const module = `golang.org/toolchain@v0.0.1-${TOOLCHAIN}.linux-${architecture}`;
  const { Dir: folder } = JSON.parse(must("go", ["mod", "download", "-json", module], env)) as { readonly Dir: string };
  for (const program of globSync(["bin/*", "pkg/tool/*/*"], { cwd: folder })) chmodSync(join(folder, program), 0o755);
  return { go: join(folder, "bin", "go"), root: { GOROOT: folder } };
}

function must(program: string, args: readonly string[], env: Environment): string {
  const options = { env, encoding: "utf8", maxBuffer: 1 << 26, timeout: TIMEOUT_MS } as const;
  const done = spawnSync(program, args, options);
  if (done.status === 0) return done.stdout;
  const why = (done.error?.message ?? done.stderr).trim().split("\n").at(-1);
  throw new Error(`CometBFT was not built: go ${args[0]}: ${why}`);
}
