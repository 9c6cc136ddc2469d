import { type Paint, printable } from "./paint.ts";

/** A column: its title, and numbers to the right. */
export interface Column {
  readonly title: string;
  readonly right?: true;
}

export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Aligned lines, two blanks in front, each ended; a title line only where there are rows. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  if (rows.length === 0) return "";
  const titles = columns.map((column): Cell => ({ text: column.title, paint: paint.dim }));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...rows.map((row) => textOf(row[at] ?? "").length)),
  );
  return [titles, ...rows].map((row) => `${line(columns, row, widths)}\n`).join("");
}

/** `name   value` pairs, aligned. */
export function facts(rows: readonly (readonly [string, string])[], paint: Paint): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${paint.dim(name.padEnd(width))}  ${value}\n`).join("");
}

function line(columns: readonly Column[], row: readonly Cell[], widths: readonly number[]): string {
  const cells = row.map((cell, at) => {
    const text = textOf(cell);
    const gap = " ".repeat(Math.max(0, (widths[at] ?? 0) - text.length));
    const painted = typeof cell === "string" ? text : cell.paint(text);
    if (columns[at]?.right) return `${gap}${painted}`;
    return at === row.length - 1 ? painted : `${painted}${gap}`;
  });
  return `  ${cells.join("  ")}`.trimEnd();
}

function textOf(cell: Cell): string {
  return printable(typeof cell === "string" ? cell : cell.text);
}
