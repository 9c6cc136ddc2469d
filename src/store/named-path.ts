/** Of an operator's own path, which on Windows has the system's own separators. */
export function folderOf(path: string): string {
  const isWindows = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path);
  const slash = Math.max(path.lastIndexOf("/"), isWindows ? path.lastIndexOf("\\") : -1);
  if (isWindows) return slash <= 2 ? path.slice(0, 3) : path.slice(0, slash);
  return slash <= 0 ? "/" : path.slice(0, slash);
}
