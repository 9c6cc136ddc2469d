import type { Flag } from "../../src/cli/commands/flag.ts";
import { configPath } from "../../src/core/parse-config.ts";

/** Text that stands in a table's cell. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

export function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

/** What a flag does, with what else is to be known of it. */
export function flagDoc(flag: Flag): string {
  const choices = flag.choices === undefined ? "" : ` One of: ${flag.choices.map((each) => `\`${each}\``).join(", ")}.`;
  const config = flag.config === undefined ? "" : ` In config.json: \`${configPath(flag.config)}\`.`;
  return `${flag.doc}${choices}${flag.repeats ? " May be repeated." : ""}${config}`;
}
