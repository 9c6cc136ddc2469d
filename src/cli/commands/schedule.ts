import { EngineryError } from "../../core/errors.ts";
import type { SchedulePage } from "../../ops/operator.ts";
import { type Call, flagValue, homeRequest, isOn, operatorOf, word } from "../call.ts";
import { scheduleText } from "../render/standing.ts";
import { bytes } from "../render/units.ts";
import { valueFlag } from "./flag.ts";
import { JSON_DOCUMENT } from "./global-flags.ts";
import { ENGINE, engineOf } from "./standing.ts";
import { text } from "./values.ts";
import type { Answer, Verb } from "./verb.ts";

const STDOUT = "-";
/** Of a picture that is a file of its own. */
const WIDTH = 960;

const SVG = valueFlag(
  { name: "svg", value: "FILE", kind: "file", doc: "Draw the time line into this file; - is stdout." },
  text,
);
const HTML = valueFlag(
  {
    name: "html",
    value: "FILE",
    kind: "file",
    doc: "Write a page of how things stand into this file: schedule, pins, disk, trust, problems; - is stdout.",
  },
  text,
);

export const SCHEDULE: Verb = {
  words: ["schedule"],
  group: "Answers",
  summary: "The deployments, as a table and a time line over epochs; as a picture or a page where asked.",
  details: [
    "Picture and page stand alone: they load nothing. The file is replaced as a whole, and never lies within the home.",
  ],
  arguments: [ENGINE],
  flags: [SVG, HTML],
  examples: [
    { line: "enginery schedule wasmtime", doc: "One engine's deployments." },
    { line: "enginery schedule --html /var/www/engines.html", doc: "A page for the wall, from a timer." },
  ],
  json: "{unit, observed, engines:{ENGINE:[{version,validFrom,state,installed,withdrawn}]}, written:[PATH]}; `written` with --svg or --html",
  run: async (call) => {
    const asked = drawingsOf(call);
    const operator = await operatorOf(call);
    const request = { ...homeRequest(call), engine: engineOf(word(call, 0)) };
    if (asked.length > 0) return await draw(call, asked, await operator.schedulePage(request), request.home);
    const result = await operator.schedule(request);
    return { document: result, text: (paint) => scheduleText(result, paint, call.outside.stdout.columns) };
  },
};

interface Drawing {
  readonly kind: "svg" | "html";
  /** Absolute; `-` is stdout. */
  readonly path: string;
}

/** Errors: `usage` where two would lie in one place, or stdout belongs to the JSON document. */
function drawingsOf(call: Call): readonly Drawing[] {
  const drawings = (
    [
      ["svg", SVG],
      ["html", HTML],
    ] as const
  ).flatMap(([kind, flag]): readonly Drawing[] => {
    const path = flagValue(call, flag);
    if (path === undefined) return [];
    return [{ kind, path: path === STDOUT ? path : call.outside.absolutePath(path) }];
  });
  const [one, other] = drawings;
  if (one !== undefined && one.path === other?.path) {
    throw new EngineryError("usage", "--svg and --html name one place.", { hint: "Give each a file of its own." });
  }
  if (isOn(call, JSON_DOCUMENT) && drawings.some(({ path }) => path === STDOUT)) {
    throw new EngineryError("usage", "With --json stdout is for the document alone.", {
      hint: "Name a file in place of -.",
    });
  }
  return drawings;
}

/** Both are drawn before either is written. */
async function draw(call: Call, asked: readonly Drawing[], page: SchedulePage, home: string): Promise<Answer> {
  const drawn: (Drawing & { readonly content: string })[] = [];
  for (const each of asked) drawn.push({ ...each, content: await contentOf(call, each.kind, page) });
  const files = drawn.filter(({ path }) => path !== STDOUT);
  for (const { path, content } of files) await call.outside.writeFile(path, content, home);
  const printed = drawn.find(({ path }) => path === STDOUT);
  return {
    document: { ...page.schedule, written: files.map(({ path }) => path) },
    text: () =>
      printed?.content ??
      files.map(({ path, content }) => `Wrote ${path}, ${bytes(new TextEncoder().encode(content).length)}.\n`).join(""),
  };
}

async function contentOf({ outside }: Call, kind: Drawing["kind"], page: SchedulePage): Promise<string> {
  const now = outside.now();
  if (kind === "html")
    return (await import("../render/page/page.ts")).drawPage(page, { now, version: outside.version });
  const { drawPicture } = await import("../render/picture/picture.ts");
  const at = `${new Date(now).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const { channel, manifest } = page.status;
  const alone = { name: `${channel}, serial ${manifest.serial}`, made: `Drawn ${at} by enginery ${outside.version}` };
  return drawPicture(page, { width: WIDTH, now, prefix: "schedule", alone }).text;
}
