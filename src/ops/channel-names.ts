import type { Home } from "../store/home.ts";
import { channelOfSignedName } from "../store/repository-layout.ts";

/** The channel that the home follows, then what else the targets name that were believed last. Errors: `config-invalid`, `home-damaged`. */
export function channelNames(home: Home): readonly string[] {
  const number = home.trust.newest();
  const targets = number === undefined ? undefined : home.trust.read(number).get("targets.json");
  if (targets === undefined) return [home.config.read().channel];
  const { signed } = JSON.parse(new TextDecoder().decode(targets)) as { signed: { targets: object } };
  const published = Object.keys(signed.targets).flatMap((path) => channelOfSignedName(path) ?? []);
  return [home.config.read().channel, ...published];
}
