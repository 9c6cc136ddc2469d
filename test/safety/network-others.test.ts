import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { command } from "../hostile/support/command.ts";
import { lookAt } from "./checker.ts";
import { type Fault, FaultyRepository, lie, PIECE_BYTES, partly, serve } from "./support/faulty-repository.ts";
import { requireNone, tally } from "./support/tally.ts";

// As network.test.ts: upgrades, mirrors and TLS.

let repository: FaultyRepository;
before(async () => {
  repository = await FaultyRepository.begin();
});
after(async () => await repository[Symbol.asyncDispose]());

test("upgrade: cut, stalled, lied to: the home stays at its generation, and the next upgrade arrives", async (context) => {
  const wrong: string[] = [];
  const faults: readonly Fault[] = [
    ...[0, PIECE_BYTES + 1, 5 * PIECE_BYTES].map(
      (end): Fault =>
        (asked) =>
          partly(asked, end, (response) => response.destroy()),
    ),
    (asked) => partly(asked, PIECE_BYTES, () => undefined),
    ({ response, bytes = new Uint8Array(0) }) => serve(response, lie(bytes)),
    ({ response }) => void response.writeHead(429, { "retry-after": "never" }).end(),
  ];
  for (const [at, fault] of faults.entries()) {
    await using newer = await FaultyRepository.begin();
    const home = newer.newHome();
    const settled = [await newer.install(home), await command(newer.world, ["observe", "20", "--home", home])];
    const path = newer.publish(["1.0.0", `2.0.${at}`]);
    newer.fault = (asked, sound) => (asked.path === path ? fault(asked, sound) : sound());
    const met = await newer.upgrade(home);
    newer.fault = undefined;
    const { problems, newest } = lookAt(home);
    wrong.push(...problems);
    if (![5, 7].includes(met.status) || newest !== 1) wrong.push(`${at}: exit ${met.status}, generation ${newest}`);
    const next = await newer.upgrade(home);
    wrong.push(...lookAt(home).problems);
    if ([...settled, next].some(({ status }) => status !== 0) || lookAt(home).newest !== 2) wrong.push(next.stdout);
  }
  tally(context, { cases: faults.length });
  requireNone(wrong);
});

test("a mirror that lies, cuts or stalls beside an honest repository: what is right comes, and it is named", async () => {
  await using mirror = await FaultyRepository.begin();
  for (const [path, bytes] of repository.channel.simulator.files) mirror.channel.simulator.files.set(path, bytes);
  const faults: readonly Fault[] = [
    ({ response, bytes = new Uint8Array(0) }) => serve(response, lie(bytes)),
    (asked) => partly(asked, 2 * PIECE_BYTES + 1, (response) => response.destroy()),
    (asked) => partly(asked, PIECE_BYTES, () => undefined),
    ({ response }) => void response.writeHead(500).end(),
  ];
  for (const fault of faults) {
    const home = repository.newHome();
    repository.fault = (asked, sound) => (asked.path === repository.archive.path ? fault(asked, sound) : sound());
    const met = await repository.install(home, "--mirror", mirror.base);
    repository.fault = undefined;
    assert.equal(met.status, 0, met.stdout + met.stderr);
    assert.deepEqual(lookAt(home).problems, []);
  }
});

test("TLS: a certificate that nobody vouches for, one for another host, one that expired", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "enginery-tls-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const made = (name: string, ...more: readonly string[]) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const words = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      "/CN=x",
    ];
    const { status } = spawnSync("openssl", [...words, "-keyout", key, "-out", cert, ...more]);
    return status === 0 ? { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") } : undefined;
  };
  const certificates: readonly { readonly key: string; readonly cert: string }[] = [
    made("self", "-addext", "subjectAltName=IP:127.0.0.1"),
    made("other", "-addext", "subjectAltName=DNS:other.invalid"),
    made(
      "old",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
      "-not_before",
      "20200101000000Z",
      "-not_after",
      "20200102000000Z",
    ),
  ].filter((pair) => pair !== undefined);
  if (certificates.length === 0) return t.skip("no openssl");
  for (const tls of certificates) {
    await using secure = await FaultyRepository.begin(tls);
    const home = secure.newHome();
    const met = await secure.install(home);
    assert.deepEqual([met.status, met.code], [7, "network"], met.stdout);
    assert.match(met.stdout, /certificate/);
    assert.deepEqual(lookAt(home).problems, []);
    assert.deepEqual(secure.asked, [], "nothing was asked before the certificate was refused");
  }
});
