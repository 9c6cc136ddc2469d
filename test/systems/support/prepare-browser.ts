import { spawnSync } from "node:child_process";
import type { Prepared } from "../../engines/support/engines.ts";
import { prepared } from "../../engines/support/prepare.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium of this host's, or of its distribution where this process may install it, or why there is none. */
export function prepareBrowser(): Prepared {
  return prepared(() => found() ?? installed());
}

function found(): string | undefined {
  return NAMES.find((name) => spawnSync(name, ["--version"], { timeout: 60_000, killSignal: "SIGKILL" }).status === 0);
}

function installed(): string {
  const canInstall = process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).error === undefined;
  if (!canInstall) throw new Error("no Chromium here, and no way to install it");
  for (const words of [["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]]) {
    const done = spawnSync("apt-get", [...words, "-qq"], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      encoding: "utf8",
      timeout: 15 * 60_000,
    });
    if (done.status !== 0) throw new Error(`no Chromium here: apt-get ${words[0]} ended with ${done.status}`);
  }
  const name = found();
  if (name === undefined) throw new Error("the distribution's Chromium does not start");
  return name;
}
