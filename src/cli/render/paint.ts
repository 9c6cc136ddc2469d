/** Colours, or none. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly alarm: (text: string) => string;
  readonly bad: (text: string) => string;
}

const plain = (text: string): string => text;
const sgr = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;

export const NO_COLOURS: Paint = { strong: plain, dim: plain, good: plain, alarm: plain, bad: plain };
export const COLOURS: Paint = {
  strong: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  alarm: sgr(33, 39),
  bad: sgr(31, 39),
};

/** A name or message from outside, without what could steer a terminal or turn the direction of writing. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
}
