import { ALARM_KINDS } from "../../src/core/watch/kinds.ts";
import type { Machine } from "../../src/core/watch/machine.ts";
import { ALARM, FOLLOW, KEEP } from "../../src/core/watch/machines.ts";
import { tableOf } from "./markdown.ts";

type AnyMachine = Machine<string, string, string>;

/** The part of docs/operations/watch.md that the tables of src/core/watch say. */
export function watchPart(): string {
  return [
    ...machinePart("### Following the epoch", FOLLOW),
    ...machinePart("### Keeping the releases", KEEP),
    ...machinePart("### One alarm", ALARM),
    "### Kinds of alarms",
    "",
    tableOf(
      ["kind", "what it says"],
      Object.entries(ALARM_KINDS).map(([kind, says]) => [`\`${kind}\``, says]),
    ),
  ].join("\n");
}

function machinePart(title: string, machine: AnyMachine): readonly string[] {
  return [
    title,
    "",
    "```mermaid",
    ...diagramOf(machine),
    "```",
    "",
    tableOf(["from", "on", "to", "does"], rowsOf(machine)),
    "",
  ];
}

/** One arrow a pair of modes, with all that leads along it. */
function diagramOf({ begins, table }: AnyMachine): readonly string[] {
  const arrows = new Map<string, string[]>();
  for (const { from, on, to } of table) {
    for (const mode of from) {
      const arrow = `${mode} --> ${to}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), on]);
    }
  }
  return [
    "stateDiagram-v2",
    `    [*] --> ${begins}`,
    ...[...arrows].map(([arrow, events]) => `    ${arrow}: ${events.join(", ")}`),
  ];
}

function rowsOf({ table }: AnyMachine): readonly (readonly string[])[] {
  return table.map(({ from, on, to, does }) => [from.join(", "), `\`${on}\``, to, does.join(", ")]);
}
