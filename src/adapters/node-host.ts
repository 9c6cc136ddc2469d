import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HostAbilities } from "../core/model/program.ts";
import type { Host, ProcessIdentity } from "../ports/host.ts";
import { isMusl } from "./c-library.ts";
import { abilitiesOf } from "./host-abilities.ts";
import { accountName, bootedMs, bootOf, groupId, machineOf } from "./host-identity.ts";
import { namespacesOf, startedOf } from "./proc.ts";

/** This machine and process. `command`: what launchers hand over to; found beside the running program where left out. */
export function nodeHost(command: string | undefined = findCommand()): Host {
  let platform: string | undefined;
  let self: ProcessIdentity | undefined;
  let abilities: HostAbilities | undefined;
  const own = () => {
    platform ??= platformOf(process.platform, process.arch, () => isMusl());
    return platform;
  };
  return {
    get platform() {
      return own();
    },
    userId: process.getuid?.(),
    accountName,
    groupId,
    ...(command === undefined ? {} : { command }),
    get program() {
      return runningFile();
    },
    self: () => {
      self ??= identify();
      return self;
    },
    abilities: () => {
      abilities ??= abilitiesOf(own(), process.env);
      return abilities;
    },
    startedOf,
    bootedMs,
    namespaces: namespacesOf,
  };
}

/** `linux-x64`, `linux-x64-musl`: the words of the model for Node's. */
export function platformOf(os: string, architecture: string, musl: () => boolean): string {
  const platform = `${os}-${architecture}`;
  return os === "linux" && musl() ? `${platform}-musl` : platform;
}

function identify(): ProcessIdentity {
  const started = startedOf(process.pid) ?? undefined;
  const boot = bootOf();
  const machine = machineOf();
  const namespace = namespacesOf()[0];
  return {
    pid: process.pid,
    ...(started === undefined ? {} : { started }),
    ...(boot === undefined ? {} : { boot }),
    ...(machine === undefined ? {} : { machine }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Asked for by few: Node's own module for single files is loaded here and not before. */
function runningFile(): string | undefined {
  const isSingleFile = process.getBuiltinModule("node:sea")?.isSea() === true;
  const file = isSingleFile ? process.execPath : process.argv[1];
  try {
    return file === undefined ? undefined : realpathSync(file);
  } catch {
    return undefined;
  }
}

/** What install.sh placed, and what `self-update` installed. */
const IN_SELF = /^(.+)[\\/](?:placed[\\/]enginery-[^\\/]+|home[\\/]engines[\\/]enginery[\\/].+)$/;

function findCommand(): string | undefined {
  const named = process.env["ENGINERY_COMMAND"];
  if (named !== undefined && named !== "") return named;
  const main = process.argv[1];
  // a single file says so itself: it is its own command
  if (main === undefined) return main;
  const name = process.platform === "win32" ? "enginery.cmd" : "enginery";
  // a release goes some day: what leads to the one in use stays (operations/self-update.md)
  const self = IN_SELF.exec(main)?.[1];
  if (self !== undefined && existsSync(join(self, "bin", name))) return join(self, "bin", name);
  if (main === process.execPath) return main;
  const beside = join(dirname(dirname(main)), "bin", name);
  return existsSync(beside) ? beside : undefined;
}
