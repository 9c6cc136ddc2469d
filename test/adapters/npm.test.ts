import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { createFetcher } from "../../src/adapters/fetch/fetcher.ts";
import { loadNpmConfiguration, NPM_REGISTRY } from "../../src/adapters/fetch/npm-configuration.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import type { FetchOptions } from "../../src/ports/fetcher.ts";
import { type Answer, serving, startServer } from "./support/faulty-server.ts";

const TARBALL = Buffer.from("tarball bytes");
const home = mkdtempSync(join(tmpdir(), "enginery-npm-"));
after(() => rmSync(home, { recursive: true }));
beforeEach(() => rmSync(join(home, ".npmrc"), { force: true }));

/** An environment in which only what a test says is configured. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  return {
    HOME: home,
    PATH: "",
    npm_config_userconfig: join(home, ".npmrc"),
    npm_config_globalconfig: join(home, "none"),
    ...more,
  };
}

async function read(location: string, env: Record<string, string>, options?: FetchOptions): Promise<string> {
  const settings = { offline: false, allowHttp: false, env, userAgent: "enginery/test", cwd: home };
  const { chunks } = await createFetcher({ ...settings, sleep: async () => undefined }).open(location, options);
  return Buffer.concat(await Array.fromAsync(chunks)).toString();
}

const packument =
  (tarballs: Record<string, string>): Answer =>
  (_, response) => {
    const versions = Object.fromEntries(
      Object.entries(tarballs).map(([version, tarball]) => [version, { dist: { tarball } }]),
    );
    response.end(JSON.stringify({ name: "engine", versions }));
  };

test("finds the tarball that the registry names for exactly that version", async () => {
  const answers: Record<string, Answer> = { "/blobs/1": serving(TARBALL) };
  await using server = await startServer(answers);
  answers["/engine"] = packument({ "1.0.0": `${server.base}/blobs/1`, "1.0.1": `${server.base}/blobs/2` });
  const env = environment({ npm_config_registry: `${server.base}/` });
  assert.equal(await read("npm:engine@1.0.0", env), "tarball bytes");
  assert.equal(await read("npm:engine@1.0.0", env, { start: 8 }), "bytes");
  assert.match(String(server.requests[0]?.headers.accept), /vnd\.npm\.install-v1/);
  await assert.rejects(read("npm:engine@1.0.2", env), (error) => isEngineryError(error, "missing"));
  await assert.rejects(read("npm:other@1.0.0", env), (error) => isEngineryError(error, "missing"));
});

test("a scope's own registry and token, and the tokens of no other host", async () => {
  const answers: Record<string, Answer> = { "/npm/@scope/engine/-/engine-2.0.0.tgz": serving(TARBALL) };
  await using server = await startServer(answers);
  await using storage = await startServer({ "/engine.tgz": serving(TARBALL) });
  const host = new URL(server.base).host;
  answers["/npm/@scope%2fengine"] = packument({
    "2.0.0": `${server.base}/npm/@scope/engine/-/engine-2.0.0.tgz`,
    "2.0.1": `${storage.base}/engine.tgz`,
  });
  writeFileSync(
    join(home, ".npmrc"),
    `registry=http://127.0.0.1:9/\n@scope:registry=${server.base}/npm/\n//${host}/npm/:_authToken=\${ENGINE_TOKEN}\n`,
  );
  const env = environment({ ENGINE_TOKEN: "secret" });
  assert.equal(await read("npm:@scope/engine@2.0.0", env), "tarball bytes");
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.authorization),
    ["Bearer secret", "Bearer secret"],
  );
  assert.equal(await read("npm:@scope/engine@2.0.1", env), "tarball bytes");
  assert.equal(storage.requests[0]?.headers.authorization, undefined);
});

test("a configured registry stands in for npm's own host", async () => {
  const own = String((await loadNpmConfiguration({}, tmpdir()))[NPM_REGISTRY]);
  assert.match(own, /^https:/);
  await using server = await startServer({
    "/engine": packument({ "1.0.0": `${own}engine/-/engine-1.0.0.tgz` }),
    "/engine/-/engine-1.0.0.tgz": serving(TARBALL),
  });
  assert.equal(await read("npm:engine@1.0.0", environment({ npm_config_registry: server.base })), "tarball bytes");
});

test("a registry or tarball over plain http, or none at all, is refused", async () => {
  const answers: Record<string, Answer> = {};
  await using server = await startServer(answers);
  const env = environment({ npm_config_registry: server.base });
  for (const tarball of ["http://example.com/engine.tgz", "file:///etc/passwd", "ftp://example.com/x"]) {
    answers["/engine"] = packument({ "1.0.0": tarball });
    await assert.rejects(read("npm:engine@1.0.0", env), (error) => isEngineryError(error, "source-refused"), tarball);
  }
  answers["/engine"] = packument({ "1.0.0": "nonsense" });
  await assert.rejects(read("npm:engine@1.0.0", env), (error) => isEngineryError(error, "network"));
  const plain = environment({ npm_config_registry: "http://registry.example.com/" });
  await assert.rejects(read("npm:engine@1.0.0", plain), (error) => isEngineryError(error, "source-refused"));
});

test("a registry that answers with something else is an error of the network", async () => {
  const bodies = [
    "<html>",
    "[]",
    "null",
    '{"versions":[]}',
    '{"versions":{"1.0.0":{}}}',
    '{"versions":{"1.0.0":{"dist":{"tarball":7}}}}',
  ];
  for (const body of bodies) {
    await using server = await startServer({ "/engine": (_, response) => void response.end(body) });
    const env = environment({ npm_config_registry: server.base });
    await assert.rejects(read("npm:engine@1.0.0", env), (error) => isEngineryError(error, "network", "missing"), body);
  }
});
