import assert from "node:assert/strict";
import { test } from "node:test";
import { INSTALLED, UPGRADED } from "./support/canned.ts";
import { play, requestTo, type Scene } from "./support/stage.ts";

const AT_TERMINAL: Scene = { interactive: true, terminal: true };
const verbsOf = (played: Awaited<ReturnType<typeof play>>) =>
  played.asked.map(({ verb, request }) => (request["dryRun"] === true ? `${verb} dry` : verb));

test("without a terminal: what can be taken back goes on, and nobody is asked", async () => {
  for (const line of [
    ["install", "--from", "u", "--channel", "c"],
    ["upgrade"],
    ["rollback"],
    ["use", "x@1.0.0"],
    ["observe", "3"],
  ]) {
    const played = await play(line);
    assert.deepEqual([played.status, played.questions, verbsOf(played)], [0, [], [line[0]]], line.join(" "));
  }
});

test("without a terminal: what cannot be taken back needs --yes; looking does not", async () => {
  for (const line of [
    ["prune"],
    ["rollback", "--force", "r"],
    ["observe", "1", "--force", "r"],
    ["repo", "prune", "r"],
    ["service", "install", "--changed-too"],
    ["service", "remove", "--changed-too"],
    ["uninstall"],
  ]) {
    const refused = await play(line);
    assert.deepEqual([refused.status, refused.asked, refused.stdout], [2, [], ""], line.join(" "));
    assert.match(refused.stderr, /confirmation-required `.*` cannot be taken back/);
    for (const more of ["--yes", "--dry-run"])
      assert.equal((await play([...line, more])).status, 0, `${line.join(" ")} ${more}`);
    assert.equal((await play(line, { env: { ENGINERY_YES: "1" } })).status, 0);
    assert.equal((await play(line, { env: { ENGINERY_YES: "0" } })).status, 2);
    const asProgram = await play([...line, "--json"], AT_TERMINAL);
    assert.deepEqual([asProgram.status, JSON.parse(asProgram.stdout).error.code], [2, "confirmation-required"]);
  }
});

test("on a terminal the plan is shown and confirmed, and only then done", async () => {
  const yes = await play(["upgrade"], { ...AT_TERMINAL, answers: [true] });
  assert.deepEqual([yes.status, yes.questions, verbsOf(yes)], [0, ["Go on?"], ["plan", "upgrade"]]);
  assert.match(
    yes.stderr,
    /To be installed[\s\S]*Download 8\.0 MiB, unpacked 24\.6 MiB, reserve 64\.0 MiB: 96\.6 MiB of 476\.8 GiB free\./,
  );
  const no = await play(["upgrade"], { ...AT_TERMINAL, answers: [false] });
  assert.deepEqual([no.status, verbsOf(no), no.stdout], [3, ["plan"], ""]);
  assert.match(no.stderr, /refused.* The answer was no; nothing was changed\./);
});

test("nothing to do: nothing to ask", async () => {
  const plan = async () => ({ ...INSTALLED, installed: [], changed: false });
  const played = await play(["upgrade"], {
    ...AT_TERMINAL,
    operator: { plan, upgrade: async () => ({ ...UPGRADED, changed: false }) },
  });
  assert.deepEqual([played.status, played.questions], [0, []]);
});

test("--yes and --dry-run and --json ask nobody", async () => {
  for (const flag of ["--yes", "--dry-run", "--json"]) {
    for (const line of [["upgrade"], ["rollback"], ["install"], ["prune", "-y"]]) {
      const played = await play([...line, flag], AT_TERMINAL);
      assert.deepEqual([played.status, played.questions], [0, []], `${line} ${flag}`);
      assert.equal(played.asked.length, 1);
    }
  }
});

test("rollback and prune show what they would do, and are done after a yes", async () => {
  const rollback = await play(["rollback", "--force", "r"], { ...AT_TERMINAL, answers: [true] });
  assert.deepEqual(verbsOf(rollback), ["rollback dry", "rollback"]);
  assert.match(rollback.stderr, /Generation 5 would restate 3; nothing is downloaded\./);
  const prune = await play(["prune"], { ...AT_TERMINAL, answers: [true] });
  assert.deepEqual(verbsOf(prune), ["prune dry", "prune"]);
  assert.match(prune.stderr, /kept by pin \(tenant v42\)/);
  const kept = await play(["prune"], { ...AT_TERMINAL, answers: [false] });
  assert.deepEqual([kept.status, verbsOf(kept)], [3, ["prune dry"]]);
  const repository = await play(["repo", "prune", "r"], { ...AT_TERMINAL, answers: [true] });
  assert.deepEqual(verbsOf(repository), ["prune dry", "prune"]);
});

const FIRST = ["install", "--from", "https://engines.example", "--channel", "mainnet"];

test("a first install: the fingerprint is compared, engines are chosen, the plan is confirmed", async () => {
  const played = await play(FIRST, { ...AT_TERMINAL, answers: [true, ["xsnap"], true] });
  assert.equal(played.status, 0, played.stderr);
  assert.match(played.questions[0] ?? "", /fingerprint that the publisher told you/);
  assert.match(played.stderr, new RegExp(`version 1, sha256\n +${"e".repeat(64)}`));
  assert.deepEqual(played.questions.slice(1), ["Which engines?", "Go on?"]);
  const request = requestTo(played, "install");
  assert.deepEqual([request["rootSha256"], request["names"]], ["e".repeat(64), [{ engine: "xsnap" }]]);
  assert.deepEqual(verbsOf(played), ["rootFingerprint", "plan", "plan", "install"]);
});

test("a root that is not confirmed ends it; --yes never confirms one", async () => {
  const no = await play(FIRST, { ...AT_TERMINAL, answers: [false] });
  assert.deepEqual([no.status, verbsOf(no)], [2, ["rootFingerprint"]]);
  assert.match(no.stderr, /root-required The root was not confirmed/);
  for (const scene of [{}, AT_TERMINAL]) {
    const yes = await play([...FIRST, "--yes"], scene);
    assert.deepEqual(verbsOf(yes), ["install"]);
    assert.equal(requestTo(yes, "install")["rootSha256"], undefined);
  }
});

test("with a root given, or a home that has one, no fingerprint is asked for; all engines leave the names open", async () => {
  const given = await play([...FIRST, "--root-sha256", "e".repeat(64)], {
    ...AT_TERMINAL,
    answers: [["wasmtime", "xsnap"], true],
  });
  assert.deepEqual(requestTo(given, "install")["names"], []);
  const again = await play(FIRST, {
    ...AT_TERMINAL,
    operator: { rootFingerprint: async () => undefined },
    answers: [["xsnap", "wasmtime"], true],
  });
  assert.equal(requestTo(again, "install")["rootSha256"], undefined);
  const none = await play([...FIRST, "--root-sha256", "e".repeat(64)], { ...AT_TERMINAL, answers: [[]] });
  assert.equal(none.status, 3);
});

test("passphrases: a file, the variable, a person; never a program", async () => {
  const passphraseOf = async (argv: readonly string[], scene: Scene, verb: string) => {
    const played = await play(argv, scene);
    const source = requestTo(played, verb)["passphrase"] as (what: string) => Promise<string | undefined>;
    return [await source("alice.pem"), played.questions];
  };
  const sign = ["repo", "sign", "r", "--key", "alice.pem"];
  const files = { "/work/secret": "from a file\nmore" };
  const env = { ENGINERY_PASSPHRASE: "from the variable" };
  assert.deepEqual(await passphraseOf([...sign, "--passphrase-file", "secret"], { files, env }, "sign"), [
    "from a file",
    [],
  ]);
  assert.deepEqual(await passphraseOf(sign, { env }, "sign"), ["from the variable", []]);
  assert.deepEqual(await passphraseOf(sign, {}, "sign"), [undefined, []]);
  assert.deepEqual(await passphraseOf([...sign, "--json"], AT_TERMINAL, "sign"), [undefined, []]);
  assert.deepEqual(await passphraseOf(sign, { ...AT_TERMINAL, answers: ["typed"] }, "sign"), [
    "typed",
    ["Passphrase for alice.pem"],
  ]);
  const init = ["repo", "init", "r", "--channel", "c"];
  const twice = ["Passphrase for alice.pem (empty: none)", "The same again"];
  assert.deepEqual(await passphraseOf(init, { ...AT_TERMINAL, answers: ["new", "new"] }, "init"), ["new", twice]);
  assert.deepEqual(await passphraseOf(init, { ...AT_TERMINAL, answers: [""] }, "init"), [undefined, twice.slice(0, 1)]);
  await assert.rejects(
    passphraseOf(init, { ...AT_TERMINAL, answers: ["new", "other"] }, "init"),
    /two passphrases differ/,
  );
  await assert.rejects(
    passphraseOf([...sign, "--passphrase-file", "secret"], { files: { "/work/secret": "\n" } }, "sign"),
    /first line .* is empty/,
  );
});
