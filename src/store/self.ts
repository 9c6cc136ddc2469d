import { EngineryError } from "../core/errors.ts";
import type { Version } from "../core/model/manifest.ts";
import { isWithin } from "../core/receipt.ts";
import { SELF_ENGINE } from "../core/self-update.ts";
import { parentOf } from "./layout.ts";
import type { StorePorts } from "./ports.ts";

/**
 * The folder in which the command itself lies, made by install.sh: `placed/enginery-<version>` as it was downloaded, `home/` of the channel
 * that Enginery is an engine of, and `bin/enginery`, the one link (on Windows a file of one line) that leads to the file in use.
 */
export interface SelfFolder {
  readonly path: string;
  /** Of the channel; made by the first `self-update`. */
  readonly home: string;
  /** The trusted root that the release brought. */
  readonly root: Uint8Array | undefined;
  /** The file that the command leads to; undefined where there is no such link, or it leads out of this folder. */
  inUse(): string | undefined;
  /** By its place; undefined for what is no release of this folder. */
  versionOf(file: string): Version | undefined;
  /** What install.sh placed. */
  placed(): readonly { readonly version: Version; readonly path: string }[];
  /** Has the command lead to `file`: one rename, durable when it returns. */
  leadTo(file: string): void;
  /** Removes what install.sh placed, but for these. */
  keepPlaced(files: readonly string[]): void;
}

const MAX_ROOT_BYTES = 1024 * 1024;
const MAX_COMMAND_BYTES = 16 * 1024;
/** Of Windows; those of before stood in brackets and named the whole path. */
const COMMAND_TEXT = /^@\(?"(%~dp0\.\.\\)?([^"\r\n]+)" %\*(?: & exit \/b\)| *)\r\n$/;
/** Its line end apart; install.ps1 writes as much. */
const COMMAND_CHARACTERS = 254;
const PLACED = /^enginery-(\d[0-9A-Za-z.-]*?)(\.exe)?$/;

/** Errors: `refused` where the folder is a link or somebody else's. */
export function selfFolder(path: string, ports: StorePorts): SelfFolder {
  const { fileSystem, host } = ports;
  requireOwn(path, ports);
  const isWindows = host.platform.startsWith("win32");
  const command = `${path}/bin/enginery${isWindows ? ".cmd" : ""}`;

  const engines = `${path}/home/engines/${SELF_ENGINE}/`;

  function placed() {
    return (fileSystem.list(`${path}/placed`) ?? []).flatMap(({ name, kind }) => {
      const version = kind === "file" ? PLACED.exec(name)?.[1] : undefined;
      return version === undefined ? [] : [{ version, path: `${path}/placed/${name}` }];
    });
  }

  function leadsTo(): string | undefined {
    if (!isWindows) return fileSystem.readLink(command);
    const text = new TextDecoder().decode(fileSystem.readFile(command, MAX_COMMAND_BYTES) ?? new Uint8Array());
    const [, within, file] = COMMAND_TEXT.exec(text) ?? [];
    const named = file?.replaceAll("\\", "/");
    return within === undefined ? named : `${path}/${named}`;
  }

  return {
    path,
    home: `${path}/home`,
    root: fileSystem.readFile(`${path}/root.json`, MAX_ROOT_BYTES),
    inUse: () => {
      const file = leadsTo();
      return file !== undefined && isWithin(path, file) ? file : undefined;
    },
    versionOf: (file) => {
      const installed = file.startsWith(engines) ? file.slice(engines.length).split("/")[0] : undefined;
      return installed ?? placed().find((one) => one.path === file)?.version;
    },
    placed,
    leadTo: (file) => {
      const staged = `${command}.new`;
      fileSystem.unlink(staged);
      if (isWindows) writeCommand(ports, staged, file.slice(path.length + 1));
      else fileSystem.symlink(file, staged);
      fileSystem.rename(staged, command);
      fileSystem.syncDirectory(parentOf(command));
    },
    keepPlaced: (files) => {
      for (const { path: file } of placed()) {
        if (!files.includes(file)) fileSystem.unlink(file);
      }
    },
  };
}

/**
 * Of one length, whatever it leads to: when the program ends, cmd reads on behind the line that it has read, in whatever the file is by then. The status is
 * the program's. By the command's own place: cmd reads a file in the console's code page, and a person's folder may have letters that it would take for others.
 */
function writeCommand({ fileSystem }: StorePorts, staged: string, within: string): void {
  using handle = fileSystem.createExclusive(staged, 0o644);
  if (handle === undefined) throw new EngineryError("io", `${staged} is there already.`);
  const line = `@"%~dp0..\\${within.replaceAll("/", "\\")}" %*`;
  handle.write(new TextEncoder().encode(`${line.padEnd(COMMAND_CHARACTERS)}\r\n`));
  handle.sync();
}

function requireOwn(path: string, { fileSystem, host: { userId } }: StorePorts): void {
  const status = fileSystem.status(path);
  const isOwn = userId === undefined || status?.owner === userId;
  if (status?.kind === "directory" && isOwn) return;
  const what = status === undefined ? "is not there" : isOwn ? "is no folder" : "belongs to another account";
  throw new EngineryError("refused", `${path}, where the command lies, ${what}.`, {
    hint: "Install it again with install.sh, as the account that is to update it.",
    context: { path },
  });
}
