import { parseEngineArgument } from "../../core/engine-argument.ts";
import { parseEpoch } from "../../core/epoch.ts";
import { EngineryError } from "../../core/errors.ts";
import type { Epoch, Platform, Sha256, Version } from "../../core/model/manifest.ts";
import { checkChannelName, checkEngineName, checkEntryName, checkTenant } from "../../core/names.ts";
import { isPlatform } from "../../core/platform.ts";
import { quote } from "../../core/quote.ts";
import { parseVersionArgument } from "../../core/version.ts";
import { ALARM_KINDS, isAlarmKind } from "../../core/watch/kinds.ts";
import type { ReleaseName } from "../../ops/operator.ts";

/** The text as it is; errors: `usage` where it is empty. */
export function text(value: string, said: string): string {
  if (value === "") throw new EngineryError("usage", `${said} needs a value.`);
  return value;
}

/** Errors: `usage`. */
export function strictBoolean(value: string, said: string): boolean {
  if (value === "1" || value === "true") return true;
  if (value === "0" || value === "false") return false;
  throw new EngineryError("usage", `${said} is ${quote(value)}, which is neither yes nor no.`, {
    hint: "Write 1 or true, 0 or false.",
  });
}

/** Errors: `bad-epoch`. */
export const epoch = (value: string): Epoch => parseEpoch(value);

/** Errors: `bad-name`. */
export const engineName = (value: string): string => checkEngineName(value);

/** Errors: `bad-name`. */
export const channelName = (value: string): string => checkChannelName(value);

/** Errors: `bad-name`. */
export const entryName = (value: string): string => checkEntryName(value);

/** Errors: `bad-name`. */
export const tenantName = (value: string): string => checkTenant(value);

/** Errors: `bad-name`. */
export function platformName(value: string): Platform {
  if (isPlatform(value)) return value;
  throw new EngineryError("bad-name", `${quote(value)} is no platform.`, {
    hint: "Write it as linux-x64, linux-x64-musl, darwin-arm64, win32-x64 or any.",
  });
}

/** A kind of alarm, or any; errors: `usage`. */
export function alarmKind(value: string, said: string): string {
  if (value === "any" || isAlarmKind(value)) return value;
  throw new EngineryError("usage", `${said} is ${quote(value)}, which is no kind of alarm.`, {
    hint: `Write any, or one of: ${Object.keys(ALARM_KINDS).join(", ")}.`,
  });
}

/** A whole number from 0; errors: `usage`. */
export function count(value: string, said: string): number {
  const number = wholeNumber(value);
  if (number === undefined) {
    throw new EngineryError("usage", `${said} is ${quote(value)}, which is no whole number from 0.`);
  }
  return number;
}

/** A whole number from 1; errors: `usage`. */
export function positive(value: string, said: string): number {
  const number = wholeNumber(value);
  if (number === undefined || number === 0) {
    throw new EngineryError("usage", `${said} is ${quote(value)}, which is no whole number from 1.`);
  }
  return number;
}

/** `none` is null; errors: `usage`. */
export function limit(value: string, said: string): number | null {
  return value === "none" ? null : count(value, said);
}

/** 64 hex digits, lower-cased; errors: `usage`. */
export function sha256(value: string, said: string): Sha256 {
  const digits = value.replaceAll(/[\s:]/g, "").toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) {
    throw new EngineryError("usage", `${said} is ${quote(value)}, which is no sha256.`, {
      hint: "Write its 64 hexadecimal digits.",
    });
  }
  return digits;
}

/** Errors: `usage`, naming the choices. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]) {
  return (value: string, said: string): Choice => {
    const choice = choices.find((each) => each === value);
    if (choice === undefined) {
      throw new EngineryError("usage", `${said} is ${quote(value)}, which is none of its values.`, {
        hint: `Write one of: ${choices.join(", ")}.`,
      });
    }
    return choice;
  };
}

/** `ENGINE` or `ENGINE@VERSION`; `X.Y` means `X.Y.0`. Errors: `bad-name`, `bad-version`. */
export const releaseName = (value: string): ReleaseName => parseEngineArgument(value);

/** `X.Y` means `X.Y.0`. Errors: `bad-version`. */
export const exactVersion = (value: string): Version => parseVersionArgument(value);

/** `ENGINE@VERSION`, both. Errors: `usage`, `bad-name`, `bad-version`. */
export function exactRelease(value: string): { readonly engine: string; readonly version: Version } {
  const name = releaseName(value);
  if (name.version === undefined) {
    throw new EngineryError("usage", `${quote(value)} says no version.`, {
      hint: `Write ${name.engine}@VERSION; \`enginery schedule ${name.engine}\` lists them.`,
    });
  }
  return { engine: name.engine, version: name.version };
}

function wholeNumber(value: string): number | undefined {
  const number = Number(value);
  return /^\d+$/.test(value) && Number.isSafeInteger(number) ? number : undefined;
}
