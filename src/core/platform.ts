import type { Platform, PlatformRelease, Release } from "./model/manifest.ts";

const PLATFORM = /^(?:any|[a-z][a-z0-9]*-[a-z0-9_]+(?:-[a-z0-9]+)?)$/;

/** `any`, or os-arch with `-musl` where needed. */
export function isPlatform(text: string): boolean {
  return text.length <= 32 && PLATFORM.test(text);
}

/** The release's key for `platform`: itself, else `any`. A musl host never gets a glibc build, nor the other way round. */
export function platformKey(release: Release, platform: Platform): Platform | undefined {
  return [platform, "any"].find((key) => Object.hasOwn(release.platforms, key));
}

/** What of a release is for `platform`; undefined where nothing is. */
export function platformRelease(release: Release, platform: Platform): PlatformRelease | undefined {
  const key = platformKey(release, platform);
  return key === undefined ? undefined : release.platforms[key];
}
