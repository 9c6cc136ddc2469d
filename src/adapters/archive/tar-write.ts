import { BLOCK_BYTES } from "./tar-header.ts";

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const MAX_OCTAL_SIZE = 0o77777777777;
const ASCII = /^[\x20-\x7e]*$/;

/** What stands before a file's content: a ustar header, an extended one before it only where path or size do not fit. */
export function headersOf(path: string, bytes: number, executable: boolean): Buffer {
  const split = ASCII.test(path) ? splitPath(path) : undefined;
  const mode = executable ? 0o755 : 0o644;
  const tooLarge = bytes > MAX_OCTAL_SIZE;
  const records = (split === undefined ? record("path", path) : "") + (tooLarge ? record("size", String(bytes)) : "");
  const own = header(split ?? { name: "long-name", prefix: "" }, "0", mode, tooLarge ? 0 : bytes);
  if (records === "") return own;
  const content = padded(Buffer.from(records));
  const extended = header({ name: "extended-header", prefix: "" }, "x", 0o644, Buffer.byteLength(records));
  return Buffer.concat([extended, content, own]);
}

/** Zeros that fill the last block of a file of `bytes` bytes. */
export function paddingOf(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

export const END_MARK = Buffer.alloc(2 * BLOCK_BYTES);

function header(
  path: { readonly name: string; readonly prefix: string },
  type: string,
  mode: number,
  bytes: number,
): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(path.name, 0, "latin1");
  block.write(
    `${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(bytes, 11)}\0${octal(0, 11)}\0`,
    100,
    "latin1",
  );
  block.write(`        ${type}`, 148, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.write(`${octal(0, 7)}\0${octal(0, 7)}\0${path.prefix}`, 329, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}

function splitPath(path: string): { readonly name: string; readonly prefix: string } | undefined {
  if (path.length <= NAME_BYTES) return { name: path, prefix: "" };
  const slash = path.indexOf("/", path.length - NAME_BYTES - 1);
  if (slash === -1 || slash > PREFIX_BYTES || slash === path.length - 1) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length !== Buffer.byteLength(rest) + String(length).length)
    length = Buffer.byteLength(rest) + String(length).length;
  return `${length}${rest}`;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, paddingOf(bytes.length)]);
