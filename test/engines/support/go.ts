import { spawnSync } from "node:child_process";
import { chmodSync, globSync } from "node:fs";
import { join } from "node:path";

/** The oldest that the modules here are built with, and a toolchain that meets it where the host's Go does not. */
const NEEDED_GO = [1, 22] as const;
const TOOLCHAIN = "go1.24.9";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
export type GoEnvironment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 30 * 60_000;

/** All that Go fetches and keeps lies in `work`. */
export function goEnvironment(work: string): GoEnvironment & { readonly GOPATH: string } {
  return {
    ...process.env,
    GOPATH: join(work, "path"),
    GOCACHE: join(work, "cache"),
    // what is downloaded can be removed again
    GOFLAGS: "-modcacherw",
    CGO_ENABLED: "0",
  };
}

/** Distributions' Go may be years old: then the proxy serves a newer one, as a module, whose programs have lost their mode. */
export function sufficientGo(env: GoEnvironment): { readonly go: string; readonly root: GoEnvironment } {
  const said = spawnSync("go", ["env", "GOVERSION"], { env, encoding: "utf8" });
  if (said.error !== undefined) throw new Error("Go is missing");
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(said.stdout)?.map(Number) ?? [];
  if (major > NEEDED_GO[0] || (major === NEEDED_GO[0] && minor >= NEEDED_GO[1])) return { go: "go", root: {} };
  const architecture = ARCHITECTURES[process.arch];
  if (process.platform !== "linux" || architecture === undefined)
    throw new Error(`Go ${NEEDED_GO.join(".")} is missing`);
  const module = `golang.org/toolchain@v0.0.1-${TOOLCHAIN}.linux-${architecture}`;
  const answered = mustGo("go", ["mod", "download", "-json", module], env);
  const { Dir: folder } = JSON.parse(answered) as { readonly Dir: string };
  for (const program of globSync(["bin/*", "pkg/tool/*/*"], { cwd: folder })) chmodSync(join(folder, program), 0o755);
  return { go: join(folder, "bin", "go"), root: { GOROOT: folder } };
}

export function mustGo(program: string, args: readonly string[], env: GoEnvironment, cwd = "."): string {
  const options = { env, cwd, encoding: "utf8", maxBuffer: 1 << 26, timeout: TIMEOUT_MS } as const;
  const done = spawnSync(program, args, options);
  if (done.status === 0) return done.stdout;
  const why = (done.error?.message ?? done.stderr).trim().split("\n").at(-1);
  throw new Error(`Go's ${args[0]} failed: ${why}`);
}
