import { EngineryError } from "../errors.ts";
import type { Sha256 } from "../model/manifest.ts";
import { quote } from "../quote.ts";
import { SERVICE_TEMPLATES } from "./templates.ts";

export type ServiceManager = "systemd" | "launchd" | "task";
export type ServiceName = "watch" | "stage";

export interface ServicePlace {
  readonly manager: ServiceManager;
  /** Of the whole machine, or of one account. */
  readonly wide: boolean;
  /** Absolute: where the manager looks for its files. */
  readonly folder: string;
  /** Absolute path of the program that is started. */
  readonly command: string;
  readonly home: string;
  /** Whose processes they are, where the machine's. */
  readonly account: string;
  /** Absolute. */
  readonly logs: string;
}

export interface ServiceFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** `same`: as it would be written now; `outdated`: as an earlier Enginery or other words wrote it; `changed`: by somebody. */
export type FoundServiceFile = "absent" | "same" | "outdated" | "changed";

const FILES: Readonly<
  Record<ServiceManager, Readonly<Record<ServiceName, readonly (keyof typeof SERVICE_TEMPLATES)[]>>>
> = {
  systemd: {
    watch: ["systemd/enginery-watch.service"],
    stage: ["systemd/enginery-stage.service", "systemd/enginery-stage.timer"],
  },
  launchd: { watch: ["launchd/org.enginery.watch.plist"], stage: ["launchd/org.enginery.stage.plist"] },
  task: { watch: ["windows/enginery-watch.xml"], stage: ["windows/enginery-stage.xml"] },
};

const MARK = /^.*enginery-service 1 ([0-9a-f]{64}).*\n/m;

/** What the manager is given. Errors: `usage` where a path holds what its files cannot. `digestOf` is sha256. */
export function serviceFiles(
  place: ServicePlace,
  services: readonly ServiceName[],
  digestOf: (bytes: Uint8Array) => Sha256,
): readonly ServiceFile[] {
  return services
    .flatMap((service) => FILES[place.manager][service])
    .map((name) => ({
      path: `${place.folder}/${name.slice(name.indexOf("/") + 1)}`,
      bytes: encoded(place.manager, marked(filled(SERVICE_TEMPLATES[name], place), digestOf)),
    }));
}

export function foundAs(
  found: Uint8Array | undefined,
  wanted: Uint8Array,
  digestOf: (bytes: Uint8Array) => Sha256,
): FoundServiceFile {
  if (found === undefined) return "absent";
  if (found.length === wanted.length && found.every((byte, at) => byte === wanted[at])) return "same";
  const text = new TextDecoder(found[0] === 0xff ? "utf-16le" : "utf-8").decode(found);
  const [line = "", digest] = MARK.exec(text) ?? [];
  return digest !== undefined && digestOf(new TextEncoder().encode(text.replace(line, ""))) === digest
    ? "outdated"
    : "changed";
}

function filled(template: string, place: ServicePlace): string {
  const { manager, wide, command, home, account, logs } = place;
  // of the words of a command the first is no place for variables, and neither is a path of another setting
  const values: Readonly<Record<string, string>> = {
    COMMAND: written(command, manager),
    HOME: written(home, manager),
    HOME_WORD: manager === "systemd" ? written(home, manager).replaceAll("$", "$$$$") : written(home, manager),
    ACCOUNT: accountName(account),
    LOGS: written(logs, manager),
    // taken as it stands, but for what begins with a percent sign
    SECRETS: wide ? "/etc/enginery/watch.env" : "%h/.config/enginery/watch.env",
    WANTED_BY: wide ? "multi-user.target" : "default.target",
  };
  return template
    .replace(/^@SYSTEM@(.*\n)/gm, (_, line: string) => (wide ? line : ""))
    .replace(/@([A-Z_]+)@/g, (whole, name: string) => values[name] ?? whole);
}

/** What the files have no way to say; the task scheduler puts variables in the place of their names, and there is no way to say that it shall not. */
const UNWRITABLE: Readonly<Record<ServiceManager, RegExp>> = {
  systemd: /["\p{Cc}\ufffe\uffff]/u,
  launchd: /[\p{Cc}\ufffe\uffff]/u,
  task: /["\p{Cc}\ufffe\uffff]|%[^%]+%|\$\(/u,
};

/** In the manner of the manager's files; a quoted word in a unit, text in XML. Errors: `usage`. */
function written(text: string, manager: ServiceManager): string {
  if (UNWRITABLE[manager].test(text) || !text.isWellFormed()) {
    throw new EngineryError("usage", `${quote(text)} cannot be written into a service's file.`, {
      hint: "Choose a path without quotes, control characters and, on Windows, names of variables.",
    });
  }
  if (manager !== "systemd") return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  if (/^[\w@./:-]*$/.test(text)) return text;
  return `"${text.replaceAll("\\", "\\\\").replaceAll("%", "%%")}"`;
}

/** Nothing that systemd would put something else in the place of, or pass over. Errors: `usage`. */
function accountName(account: string): string {
  if (/^[\w.][\w.@-]{0,255}\$?$/.test(account)) return account;
  throw new EngineryError("usage", `${quote(account)} is no name of an account.`, {
    hint: "Give the name as `id -un` says it: --account NAME.",
  });
}

/** With the hash of all else: whoever changes the file, and does not mean to, cannot keep it. */
function marked(text: string, digestOf: (bytes: Uint8Array) => Sha256): string {
  const without = text.replace(/^.*@MARK@.*\n/m, "");
  return text.replace("@MARK@", `enginery-service 1 ${digestOf(new TextEncoder().encode(without))}`);
}

/** The task scheduler reads UTF-16 with its mark. */
function encoded(manager: ServiceManager, text: string): Uint8Array {
  if (manager !== "task") return new TextEncoder().encode(text);
  const bytes = new Uint8Array(2 + text.length * 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, true);
  for (let at = 0; at < text.length; at += 1) view.setUint16(2 + at * 2, text.charCodeAt(at), true);
  return bytes;
}
