import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Commanded } from "../hostile/support/command.ts";
import { lookAt } from "./checker.ts";
import { type Fault, FaultyRepository, lie, PIECE_BYTES, partly, serve } from "./support/faulty-repository.ts";
import { requireNone, tally } from "./support/tally.ts";

// The whole of `install` and `upgrade` over real connections to a server that fails: the right code, a sound home, and the next run works.

let repository: FaultyRepository;
before(async () => {
  repository = await FaultyRepository.begin();
});
after(async () => await repository[Symbol.asyncDispose]());

interface Expected {
  /** Exit status and code of the run that meets the fault; absent: it gets through. */
  readonly refused?: readonly [status: number, ...codes: string[]];
  /** Bytes of the archive that must be kept for the next run. */
  readonly kept?: number;
}

interface Told {
  readonly wrong: readonly string[];
  /** Bytes of the archive that the next run fetched although they had to be kept. */
  readonly refetched: number;
}

/** One run with the fault, one without; a look at the home after each. */
async function meets(label: string, fault: Fault, expected: Expected, more: readonly string[] = []): Promise<Told> {
  const home = repository.newHome();
  const wrong: string[] = [];
  const look = (when: string) => wrong.push(...lookAt(home).problems.map((what) => `${label}, ${when}: ${what}`));
  const requireEnd = (run: Commanded, [status, ...codes]: readonly [number, ...string[]], when: string) => {
    const right = run.status === status && (codes.length === 0 || codes.includes(run.code ?? ""));
    if (!right)
      wrong.push(`${label}, ${when}: exit ${run.status}, ${run.code}, and not ${status} ${codes.join(" or ")}`);
    if (/\n\s+at /.test(run.stdout + run.stderr)) wrong.push(`${label}, ${when}: a stack trace`);
  };
  repository.fault = fault;
  const first = await repository.install(home, ...more);
  repository.fault = undefined;
  requireEnd(first, expected.refused ?? [0], "with the fault");
  look("with the fault");
  repository.sent = 0;
  const next = await repository.install(home);
  requireEnd(next, [0], "the next run");
  look("after the next run");
  const needed = expected.refused === undefined ? 0 : repository.archive.bytes - (expected.kept ?? 0);
  rmSync(home, { recursive: true, force: true });
  return { wrong, refetched: Math.max(0, repository.sent - needed) };
}

/** Of the archive alone; all else is served well. */
const ofArchive =
  (fault: Fault): Fault =>
  (asked, sound) =>
    asked.path === repository.archive.path ? fault(asked, sound) : sound();

const cutAt = (end: number): Fault => ofArchive((asked) => partly(asked, end, (response) => response.destroy()));
const stallAt = (end: number): Fault => ofArchive((asked) => partly(asked, end, () => undefined));

test("a cut before, within and after every piece: the next run goes on from the last whole one", async (context) => {
  const wrong: string[] = [];
  let refetched = 0;
  let cases = 0;
  for (let end = 0; end < repository.archive.bytes; end += PIECE_BYTES) {
    for (const at of [end, end + 1, end + PIECE_BYTES / 2]) {
      if (at >= repository.archive.bytes) continue;
      const told = await meets(`cut at ${at}`, cutAt(at), { refused: [7, "network"], kept: at - (at % PIECE_BYTES) });
      wrong.push(...told.wrong);
      refetched += told.refetched;
      cases += 1;
    }
  }
  context.diagnostic(`${cases} cuts of ${repository.archive.bytes} bytes: ${refetched} bytes were fetched again`);
  tally(context, { cases });
  requireNone(refetched === 0 ? wrong : [...wrong, `${refetched} bytes that were verified came again`]);
});

test("a connection that is cut after every piece still brings all in one run, and no piece twice", async (context) => {
  let sent = 0;
  const told = await meets(
    "cut each time",
    ofArchive((asked) => {
      const end = Math.min(asked.start + PIECE_BYTES + 10, repository.archive.bytes);
      sent += end - asked.start;
      partly(asked, end, (response) => (end === repository.archive.bytes ? response.end() : response.destroy()));
    }),
    {},
  );
  context.diagnostic(`${sent - repository.archive.bytes} bytes beyond the archive's ${repository.archive.bytes}`);
  assert.deepEqual(told.wrong, []);
  assert.ok(sent - repository.archive.bytes <= 11 * 13);
});

const redirect = (location: string, status = 302): Fault =>
  ofArchive(({ response }) => void response.writeHead(status, { location }).end());
const answer = (status: number, headers: Record<string, string | number> = {}, body: Uint8Array = Buffer.from("x")) =>
  ofArchive(({ response }) => void response.writeHead(status, headers).end(body));
const FAULTS: Readonly<Record<string, readonly [fault: () => Fault, ...expected: readonly (number | string)[]]>> = {
  "stall before the first byte": [() => ofArchive(() => undefined), 7, "timeout"],
  "stall at the headers": [() => stallAt(0), 7, "timeout"],
  "stall within a piece": [() => stallAt(3 * PIECE_BYTES + 5), 7, "timeout"],
  trickle: [
    () =>
      ofArchive(({ response, bytes }) => {
        response.writeHead(200, { "content-length": bytes?.length ?? 0 });
        const timer = setInterval(() => response.write("x"), 20);
        response.on("close", () => clearInterval(timer));
      }),
    7,
    "timeout",
    "network",
  ],
  "a length that is too small": [
    () =>
      ofArchive(
        ({ response, bytes }) => void response.writeHead(200, { "content-length": 100 }).end(bytes?.subarray(0, 100)),
      ),
    5,
    "length-mismatch",
  ],
  "a length that is too large": [() => answer(200, { "content-length": 10_000_000 }), 5, "length-mismatch"],
  "no length, and too few bytes": [
    () => ofArchive(({ response, bytes }) => void response.writeHead(200).end(bytes?.subarray(0, PIECE_BYTES + 7))),
    5,
    "length-mismatch",
  ],
  "a body without an end": [
    () =>
      ofArchive(({ response }) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
        };
        response.writeHead(200).on("drain", more);
        more();
      }),
    5,
    "length-mismatch",
    "hash-mismatch",
  ],
  "one bit changed": [
    () => ofArchive(({ response, bytes = new Uint8Array(0) }) => serve(response, lie(bytes))),
    5,
    "hash-mismatch",
  ],
  "nothing at all": [() => answer(200, {}, new Uint8Array(0)), 5, "length-mismatch"],
  "a range that nobody asked for": [() => answer(206, { "content-range": "bytes 0-0/1" }), 7, "network"],
  "416": [() => answer(416), 7, "http-status"],
  "404": [() => answer(404), 7, "missing"],
  "500": [() => answer(500), 7, "http-status"],
  "429 for ever": [() => answer(429, { "retry-after": 1 }), 7, "http-status"],
  "a redirect to another origin": [() => redirect("http://127.0.0.1:1/x"), 3, "redirect-refused"],
  "a redirect to another host": [() => redirect("https://other.invalid/x"), 3, "redirect-refused"],
  "a redirect to a file": [() => redirect("file:///etc/passwd", 301), 3, "redirect-refused"],
  "a redirect with credentials": [
    () => redirect(repository.base.replace("//", "//user:secret@")),
    3,
    "redirect-refused",
  ],
  "a loop of redirects": [() => redirect(repository.archive.path, 308), 3, "redirect-refused"],
  "a redirect to nowhere": [() => answer(302), 3, "redirect-refused"],
  "gzip that was not asked for": [
    () =>
      ofArchive(
        ({ response, bytes }) =>
          void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(bytes ?? "")),
      ),
    7,
    "network",
  ],
  "a chain of encodings": [() => answer(200, { "content-encoding": "gzip, br, gzip, zstd" }), 7, "network"],
  "an answer that is no HTTP": [
    () => ofArchive(({ request }) => void request.socket.end("SSH-2.0-OpenSSH_9.9\r\n")),
    7,
    "network",
  ],
  "headers without an end": [
    () => ofArchive(({ request }) => void request.socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(1_000_000)}`)),
    7,
    "network",
  ],
};

for (const [label, [fault, status, ...codes]] of Object.entries(FAULTS)) {
  test(`${label}: refused, nothing broken, the next run works`, async () => {
    const { wrong } = await meets(label, fault(), { refused: [Number(status), ...codes.map(String)] });
    assert.deepEqual(wrong, []);
  });
}

/** Fails the first time that it is asked. */
function oncePassing(): Fault {
  let times = 0;
  return ({ response }, sound) => {
    times += 1;
    if (times === 1) response.writeHead(503, { "retry-after": "0" }).end();
    else sound();
  };
}

/** Of what follows a cut: what was verified must not be lost by it, nor anything wrong be taken. */
const RESUMES: Readonly<Record<string, readonly [fault: Fault, ...expected: readonly (number | string)[]]>> = {
  "200 and all from the start": [({ response, bytes }) => serve(response, bytes), 0],
  "another range": [
    ({ response, bytes = new Uint8Array(0) }) =>
      void response
        .writeHead(206, { "content-range": `bytes 7-${bytes.length - 1}/${bytes.length}` })
        .end(bytes.subarray(7)),
    7,
    "network",
  ],
  "the right range with other bytes": [
    ({ response, bytes = new Uint8Array(0), start }) =>
      serve(response, Buffer.concat([bytes.subarray(0, start), lie(bytes.subarray(start))]), start),
    5,
    "hash-mismatch",
  ],
  "416": [({ response }) => void response.writeHead(416).end(), 7, "http-status"],
  "an archive that is longer now": [
    ({ response, bytes = new Uint8Array(0), start }) => serve(response, Buffer.concat([bytes, bytes]), start),
    5,
    "length-mismatch",
  ],
  "503, then as it should be": [oncePassing(), 0],
};

for (const [label, [then, status, ...codes]] of Object.entries(RESUMES)) {
  test(`a cut, and to the resumption ${label}`, async () => {
    let cut = false;
    const fault = ofArchive((asked, sound) => {
      if (cut) return then(asked, sound);
      cut = true;
      partly(asked, 3 * PIECE_BYTES + 5, (response) => response.destroy());
    });
    const expected: Expected = status === 0 ? {} : { refused: [Number(status), ...codes.map(String)] };
    const { wrong } = await meets(label, fault, expected);
    assert.deepEqual(wrong, []);
  });
}

test("every file that install asks for, missing, cut, wrong or refused: nothing is broken", async (context) => {
  repository.asked.length = 0;
  await meets("to learn", (_, sound) => sound(), {});
  const paths = [...new Set(repository.asked.map(({ path }) => path))];
  const ways: Readonly<Record<string, Fault>> = {
    missing: ({ response }) => void response.writeHead(404).end(),
    "cut off": (asked) => partly(asked, 10, (response) => response.destroy()),
    changed: ({ response, bytes = new Uint8Array(0), start }) => serve(response, lie(bytes), start),
    empty: ({ response }) => void response.writeHead(200).end(),
    endless: ({ response }) => void response.writeHead(200).end(Buffer.alloc(3_000_000, " ")),
    "sent elsewhere": ({ response }) => void response.writeHead(302, { location: "https://other.invalid/" }).end(),
  };
  const wrong: string[] = [];
  let cases = 0;
  for (const path of paths) {
    for (const [way, fault] of Object.entries(ways)) {
      // The end of the chain of roots is a file that is missing.
      if (/\d+\.root\.json$/.test(path) && (way === "missing" || !path.endsWith("/1.root.json"))) continue;
      const home = repository.newHome();
      repository.fault = (asked, sound) => (asked.path === path ? fault(asked, sound) : sound());
      const met = await repository.install(home);
      repository.fault = undefined;
      const label = `${path} ${way}`;
      if (![2, 3, 4, 5, 7].includes(met.status)) wrong.push(`${label}: exit ${met.status}`);
      wrong.push(...lookAt(home).problems.map((what) => `${label}: ${what}`));
      const next = await repository.install(home);
      if (next.status !== 0) wrong.push(`${label}: the next run ends with ${next.status} ${next.code}`);
      wrong.push(...lookAt(home).problems.map((what) => `${label}, next run: ${what}`));
      rmSync(home, { recursive: true, force: true });
      cases += 1;
    }
  }
  tally(context, { cases });
  requireNone(wrong);
});
