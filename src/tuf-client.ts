// The command line of the public suite theupdateframework/tuf-conformance (docs/conformance.md). No part of what operators run.
import { parseArgs } from "node:util";
import { createFetcher } from "./adapters/fetch/fetcher.ts";
import { nodeDigester } from "./adapters/node-digester.ts";
import { createConformanceClient } from "./adapters/tuf/conformance.ts";
import { EngineryError, isEngineryError } from "./core/errors.ts";

const text = { type: "string" } as const;

async function run(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      "metadata-dir": text,
      "metadata-url": text,
      "target-name": { type: "string", multiple: true },
      "target-base-url": text,
      "target-dir": text,
    },
  });
  const [command, root, ...more] = positionals;
  const given = (flag: Exclude<keyof typeof values, "target-name">) => required(values[flag], `--${flag}`);
  const client = createConformanceClient({
    fetcher: createFetcher({ offline: false, allowHttp: false, env: {}, userAgent: "enginery-tuf-client" }),
    digester: nodeDigester,
    metadata: given("metadata-dir"),
    now: Date.now(),
  });
  if (command === "init" && more.length === 0) return client.init(required(root, "init ROOT"));
  if (command === "refresh" && root === undefined) return client.refresh(given("metadata-url"));
  if (command === "download" && root === undefined) {
    const names = required(values["target-name"], "--target-name");
    return client.download(given("metadata-url"), {
      names,
      baseUrl: given("target-base-url"),
      folder: given("target-dir"),
    });
  }
  throw new EngineryError("usage", "The command must be init ROOT, refresh or download.");
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new EngineryError("usage", `${what} is missing.`);
  return value;
}

run(process.argv.slice(2)).then(
  // connections that are kept alive must not keep us
  () => process.exit(0),
  (error: unknown) => {
    const said = isEngineryError(error) ? `${error.code}: ${error.message}` : String(error);
    process.stderr.write(`tuf-client: ${said}\n`, () => process.exit(1));
  },
);
