/**
 * `ENGINERY_SAFETY_PART=2/3` takes every third kill point, from the second on: CI takes another part with each commit. Without it, all.
 */
const asked = process.env["ENGINERY_SAFETY_PART"] ?? "1/1";
const [part = 0, parts = 0] = /^\d+\/\d+$/.test(asked) ? asked.split("/").map(Number) : [];
if (part < 1 || part > parts) throw new Error(`ENGINERY_SAFETY_PART is ${asked}, and is to be like 2/3.`);

export const OTHER_PARTS = `points of the other parts of ${parts} (ENGINERY_SAFETY_PART)`;

/** Whether the point of that number, from 0, belongs to the part that is asked for. */
export function isInPart(nth: number): boolean {
  return nth % parts === part - 1;
}
