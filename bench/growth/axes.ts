import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ANSWERS } from "./axes/answers.ts";
import { channelAxis } from "./axes/channel.ts";
import { BYTES, FILES } from "./axes/content.ts";
import { generationsAxis } from "./axes/generations.ts";
import { installedAxis } from "./axes/installed.ts";
import { pinFileAxis, pinsAxis } from "./axes/pins.ts";
import { repositoryAxis } from "./axes/repository.ts";
import type { Axis } from "./axis.ts";
import { openShelf, type Shelf } from "./shelf.ts";

/** All that grows. What releases are made of is kept in the folder from one axis to the next. */
export function axesIn(folder: string): readonly Axis[] {
  let opened: Shelf | undefined;
  const shelf = () => {
    const place = join(folder, "shelf");
    mkdirSync(place, { recursive: true });
    opened ??= openShelf(place);
    return opened;
  };
  return [
    channelAxis(shelf),
    repositoryAxis(shelf),
    installedAxis(shelf),
    pinsAxis(shelf),
    pinFileAxis(shelf),
    generationsAxis(shelf),
    FILES,
    BYTES,
    ANSWERS,
  ];
}
