import { closeSync, openSync, readSync } from "node:fs";

/** An ELF program's headers and, right behind them, the name of its loader. */
const HEAD_BYTES = 4096;

/**
 * Whether this Node runs on musl: by the loader that its program names. Where it names none there (linked without one, or patched), by
 * Node's report, which takes a tenth of a bare start to make.
 */
export function isMusl(program: string = process.execPath): boolean {
  const loader = /\/ld-(musl|linux)[\w.-]*\.so\.\d+\0/.exec(headOf(program))?.[1];
  return loader === undefined ? !reportNamesGlibc() : loader === "musl";
}

function headOf(program: string): string {
  try {
    const fd = openSync(program, "r");
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.toString("latin1", 0, readSync(fd, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}

/** It names the glibc that Node runs on, and only that. */
function reportNamesGlibc(): boolean {
  // Naming the peers of open sockets would ask the network.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const header = typeof report === "object" && report !== null && "header" in report ? report.header : undefined;
  return typeof header === "object" && header !== null && "glibcVersionRuntime" in header;
}
