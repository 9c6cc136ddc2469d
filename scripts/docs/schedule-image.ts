import { drawPicture } from "../../src/cli/render/picture/picture.ts";
import { SCENE_TIME, SCENES } from "../../test/support/schedule-scenes.ts";

/** docs/images/schedule.svg: what `schedule --svg` draws, of a channel that does not exist. */
export function scheduleImage(): string {
  const page = SCENES["three-engines"];
  if (page === undefined) throw new Error("the scene of docs/images/schedule.svg is gone");
  const alone = { name: "mainnet, serial 17", made: "Drawn 2026-01-02 03:04 UTC by enginery schedule --svg" };
  return drawPicture(page, { width: 960, now: SCENE_TIME, prefix: "schedule", alone }).text;
}
