import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Prepared } from "../../engines/support/engines.ts";
import { goEnvironment, mustGo, sufficientGo } from "../../engines/support/go.ts";
import { cached, prepared } from "../../engines/support/prepare.ts";

export const COMETBFT_VERSION = "0.38.26";
const RECIPE = 1;

/** The node of CometBFT, built from its sources as Go's module proxy serves them, or why it is not. */
export function prepareCometbft(cache: string): Prepared {
  return prepared(() => {
    mkdirSync(cache, { recursive: true });
    return cached(cache, `cometbft ${COMETBFT_VERSION} ${process.arch} recipe ${RECIPE}`, "cometbft", (work) => {
      const env = goEnvironment(work);
      const { go, root } = sufficientGo(env);
      mustGo(go, ["install", `github.com/cometbft/cometbft/cmd/cometbft@v${COMETBFT_VERSION}`], { ...env, ...root });
      return join(env.GOPATH, "bin", "cometbft");
    });
  });
}
