/** Which paths may be in a tree or an archive: those that name one and the same file on every file system. */

export const MAX_PATH_BYTES = 1024;
export const MAX_COMPONENT_BYTES = 255;
export const MAX_DEPTH = 64;

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:[ .]|$)/i;
/** The short name that Windows makes up for a long one. */
const SHORT_NAME = /~[0-9]+(?:\.|$)/;
/** Control, format (zero-width, bidirectional), surrogate and private characters, separators other than the space. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{DI}\p{Zl}\p{Zp}\ufffd]|(?! )\p{Zs}/u;
const WINDOWS_FORBIDDEN = /[<>:"|?*]/;

const encoder = new TextEncoder();

/** What forbids this path in a tree or archive, as the end of a sentence ("is absolute"); undefined where nothing does. */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "is empty";
  if (path.startsWith("/")) return "is absolute";
  if (path.includes("\\")) return "holds a backslash";
  if (UNSEEN.test(path)) return "holds a character that cannot be seen";
  if (path.normalize("NFC") !== path) return "is not in Unicode's composed form (NFC)";
  if (encoder.encode(path).length > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  const components = path.split("/");
  if (components.length > MAX_DEPTH) return `is more than ${MAX_DEPTH} folders deep`;
  for (const component of components) {
    const problem = componentProblem(component);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function componentProblem(component: string): string | undefined {
  if (component === "") return "has an empty component";
  if (component === "." || component === "..") return `has the component "${component}"`;
  if (component.startsWith("-")) return "has a component that begins with a dash";
  if (component.startsWith(" ") || /[ .]$/.test(component))
    return "has a component that begins or ends with a space or ends with a dot";
  if (WINDOWS_FORBIDDEN.test(component)) return "holds a character that Windows forbids";
  if (WINDOWS_DEVICE.test(component)) return "names a device of Windows";
  if (SHORT_NAME.test(component)) return "looks like a short name of Windows";
  if (encoder.encode(component).length > MAX_COMPONENT_BYTES)
    return `has a component of more than ${MAX_COMPONENT_BYTES} bytes`;
  return undefined;
}

/** Equal for any two names that some file system takes for one: case, `ß` and `ss`, composed and decomposed forms. */
export function foldedPath(path: string): string {
  return path.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
}

/** Two of these paths, or a folder above one of them, that are one on some file system; or a file that is also a folder. */
export function collision(paths: Iterable<string>): readonly [string, string] | undefined {
  const seen = new Map<string, { readonly spelled: string; readonly file: boolean }>();
  for (const path of paths) {
    for (const { spelled, file } of [...foldersAbove(path), { spelled: path, file: true }]) {
      const known = seen.get(foldedPath(spelled));
      if (known === undefined) seen.set(foldedPath(spelled), { spelled, file });
      else if (known.spelled !== spelled || known.file || file) return [known.spelled, path];
    }
  }
  return undefined;
}

function* foldersAbove(path: string): Generator<{ readonly spelled: string; readonly file: boolean }> {
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
    yield { spelled: path.slice(0, end), file: false };
  }
}

/** For messages: in quotes, cut to 200 characters, what cannot be seen written as an escape. */
export function quotedPath(path: string): string {
  const cut = path.length > 200 ? `${path.slice(0, 200)}...` : path;
  const visible = (character: string) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  return `"${cut.replace(new RegExp(UNSEEN, "gu"), visible)}"`;
}
