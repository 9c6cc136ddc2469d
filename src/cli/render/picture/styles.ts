/** Colours of a picture, once for light and once for dark; the same as those of docs/images. */
interface Palette {
  readonly page: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly accent: string;
  readonly solid: string;
  readonly soft: string;
  readonly now: string;
  readonly pin: string;
  readonly pinSoft: string;
  readonly good: string;
  readonly goodSoft: string;
  readonly bad: string;
  readonly grey: string;
}

const LIGHT: Palette = {
  page: "#ffffff",
  text: "#1f2328",
  quiet: "#59636e",
  line: "#d1d9e0",
  accent: "#0969da",
  solid: "#0969da",
  soft: "#ddf4ff",
  now: "#bc4c00",
  pin: "#6639ba",
  pinSoft: "#fbefff",
  good: "#116329",
  goodSoft: "#dafbe1",
  bad: "#cf222e",
  grey: "#eff2f5",
};

const DARK: Palette = {
  page: "#0d1117",
  text: "#f0f6fc",
  quiet: "#9198a1",
  line: "#3d444d",
  accent: "#4493f8",
  solid: "#1f6feb",
  soft: "#121d2f",
  now: "#f0883e",
  pin: "#c297ff",
  pinSoft: "#231a36",
  good: "#3fb950",
  goodSoft: "#12261e",
  bad: "#f85149",
  grey: "#212830",
};

const SHAPES = `.time-line text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;font-size:12px}
.time-line .version,.time-line .epoch{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.time-line .version{font-size:12.5px}
.time-line .words{font-size:11px}
.time-line .engine{font-size:16px;font-weight:600}
.time-line .about{font-size:12.5px}
.time-line .name{font-size:15px;font-weight:600}
.time-line .flag{font-size:12.5px;font-weight:600}
.time-line .now.epoch,.time-line .above.in-effect,.time-line .on-solid.version{font-weight:600}
.time-line .mark,.time-line .pins text{font-size:11.5px}
.time-line .struck{text-decoration:line-through}
.time-line .above,.time-line .about,.time-line .engine{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}
.time-line path,.time-line .window{fill:none}
.time-line .pending.bar,.time-line .absent.bar{stroke-dasharray:5 3}
.time-line .nothing,.time-line .tick{stroke-dasharray:1 3}
.time-line .now-line{stroke-width:2}
.time-line .window{stroke-width:2.5}
.time-line .absent.in-effect{stroke-width:2}
.time-line .line-superseded{stroke-width:1.4}
.time-line .line-withdrawn{stroke-width:1.1}
`;

/** The style sheet of a picture. `scope` is the condition on which the dark colours are taken. */
export function pictureStyles(scope = "(prefers-color-scheme:dark)"): string {
  return `${SHAPES}${colours(LIGHT)}@media ${scope}{\n${colours(DARK)}}\n`;
}

function colours(of: Palette): string {
  const rules: readonly (readonly [string, string])[] = [
    [".canvas", `fill:${of.page}`],
    ["text", `fill:${of.text}`],
    [".about,.small,.note", `fill:${of.quiet}`],
    [".axis,.break", `stroke:${of.quiet}`],
    [".tick,.grid", `stroke:${of.line}`],
    [".nothing", `stroke:${of.quiet}`],
    [".bar", `fill:${of.page};stroke:${of.accent}`],
    [".bar.superseded", `fill:${of.soft}`],
    [".bar.in-effect", `fill:${of.solid}`],
    [".bar.unknown", `fill:${of.grey};stroke:${of.quiet}`],
    [".bar.selected", `fill:${of.goodSoft};stroke:${of.good}`],
    [".bar.absent", `fill:${of.page};stroke:${of.quiet}`],
    [".bar.absent.in-effect", `stroke:${of.bad}`],
    [".bar.absent.pending", `stroke:${of.now}`],
    [".withdrawn", `stroke:${of.bad}`],
    [".line-superseded,.dot-pending", `stroke:${of.accent};stroke-opacity:.35`],
    [".dot-pending", `fill:${of.accent};stroke:none;fill-opacity:.75`],
    [".line-unknown", `stroke:${of.quiet};stroke-opacity:.5`],
    [".line-selected", `stroke:${of.good};stroke-opacity:.3`],
    [".line-withdrawn", `stroke:${of.bad};stroke-opacity:.55`],
    [".together", `stroke:${of.accent}`],
    [".above,.about,.engine", `stroke:${of.page}`],
    [".plate", `fill:${of.page};fill-opacity:.88`],
    [".plate.superseded", `fill:${of.soft}`],
    [".plate.unknown", `fill:${of.grey}`],
    [".plate.selected", `fill:${of.goodSoft}`],
    [".plate.in-effect", `fill:${of.solid};fill-opacity:1`],
    [".on-solid", "fill:#ffffff"],
    [".above.superseded", `fill:${of.quiet}`],
    [".above.in-effect", `fill:${of.accent}`],
    [".now-line", `stroke:${of.now}`],
    [".flag,.now.epoch", `fill:${of.now}`],
    [".countdown", `stroke:${of.quiet}`],
    [".window", `stroke:${of.good}`],
    [".pins rect", `fill:${of.pinSoft};stroke:${of.pin}`],
    [".pins path", `stroke:${of.pin}`],
    [".pins circle,.pins text", `fill:${of.pin}`],
  ];
  return rules.map(([names, rule]) => `${scoped(names)}{${rule}}\n`).join("");
}

function scoped(names: string): string {
  return names
    .split(",")
    .map((name) => `.time-line ${name}`)
    .join(",");
}
