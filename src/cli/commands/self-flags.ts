import { valueFlag } from "./flag.ts";
import { text } from "./values.ts";

export const RECEIPT = valueFlag(
  {
    name: "receipt",
    value: "FILE",
    kind: "file",
    doc: "What install.sh wrote down. Default: enginery/receipt.json in XDG_CONFIG_HOME, else ~/.config/enginery/receipt.json.",
  },
  text,
);
