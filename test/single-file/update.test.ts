import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { makeRelease } from "../../scripts/release.ts";
import { VERSION } from "../../src/cli/version.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { buildOneFile } from "../support/one-file.ts";
import { build } from "./support.ts";

const isHere = process.platform === "linux" && process.arch === "x64";
const NEXT = "99.0.0";

/** With a real single file: what install.sh places updates itself, runs engines and is gone again without a trace. */
describe("a single file from install.sh to uninstall", {
  skip: isHere ? false : "single files are run on linux-x64 only",
}, () => {
  const work = temporaryFolder();
  const at = (...names: readonly string[]) => join(work, ...names);
  const person = at("person");
  const self = join(person, ".local/share/enginery-self");
  const command = join(person, ".local/bin/enginery");

  function run(file: string, ...words: readonly string[]): { readonly status: number | null; readonly said: string } {
    const env = { HOME: person, PATH: "/usr/bin:/bin", SHELL: "/bin/sh", LANG: "C.UTF-8" };
    const { status, stdout, stderr } = spawnSync(file, words, {
      encoding: "utf8",
      env,
      cwd: work,
      timeout: 120_000,
      killSignal: "SIGKILL",
    });
    return { status, said: `${stdout}${stderr}` };
  }

  function sound(file: string, ...words: readonly string[]): string {
    const { status, said } = run(file, ...words);
    assert.equal(status, 0, said);
    return said;
  }

  before(async () => {
    mkdirSync(person);
    const program = build(at("enginery"));
    await buildOneFile(at("tree", "enginery"), NEXT);
    const repository = at("repository");
    const repo = (verb: string, ...words: readonly string[]) => sound(program, "repo", verb, repository, ...words);
    repo("init", "--channel", "enginery", "--keys-dir", at("keys"));
    const probe = ["--probe=--version", `--expect=^enginery ${NEXT}$`];
    repo("add", `enginery@${NEXT}`, "--platform", "linux-x64", "--tree", at("tree"), ...probe);
    repo("sign", "--keys-dir", at("keys"));
    makeRelease({
      folder: at("served"),
      version: VERSION,
      files: new Map([["linux-x64", program]]),
      root: join(repository, "metadata", "1.root.json"),
      from: at("served"),
      repository,
      compress: false,
    });
  });

  it("P6: is installed, updates itself, goes back, and is removed", (t) => {
    t.diagnostic("engine: none (Enginery itself)");
    sound("/bin/sh", at("served", "install.sh"), "--yes");
    assert.equal(sound(command, "--version"), `enginery ${VERSION}\n`);
    assert.match(readFileSync(join(person, ".local/share/bash-completion/completions/enginery"), "utf8"), /enginery/);
    assert.equal(run(command, "self-update", "--check").status, 10);

    const updated = JSON.parse(sound(command, "self-update", "--json")) as { readonly path: string };
    assert.equal(updated.path, join(self, "home/engines/enginery", NEXT, "enginery"));
    assert.equal(sound(command, "--version"), `enginery ${NEXT}\n`);
    assert.equal(run(command, "self-update", "--check").status, 0);

    sound(command, "self-update", "--rollback");
    assert.equal(sound(command, "--version"), `enginery ${VERSION}\n`);
    assert.match(sound(command, "self-update"), /not taken again; --again/);
    sound(command, "self-update", "--again");
    assert.equal(sound(command, "--version"), `enginery ${NEXT}\n`);
    // install.sh of the release that is left behind goes back to it
    sound("/bin/sh", at("served", "install.sh"), "--yes");
    assert.equal(readlinkSync(join(self, "bin/enginery")), join(self, "placed", `enginery-${VERSION}`));
  });

  it("P6: launchers hand over to the link that stays", (t) => {
    t.diagnostic("engine: none (a shell script)");
    mkdirSync(at("toy"));
    writeFileSync(at("toy", "toy"), "#!/bin/sh\necho toy\n", { mode: 0o755 });
    const repository = at("toys");
    sound(command, "repo", "init", repository, "--channel", "toys", "--keys-dir", at("toy-keys"));
    sound(command, "repo", "add", repository, "toy@1.0.0", "--platform", "linux-x64", "--tree", at("toy"));
    sound(command, "repo", "deploy", repository, "toy@1.0.0", "--valid-from", "0");
    sound(command, "repo", "sign", repository, "--keys-dir", at("toy-keys"), "--epoch", "1");
    sound(
      command,
      "install",
      "--from",
      repository,
      "--channel",
      "toys",
      "--root",
      join(repository, "metadata/1.root.json"),
      "--yes",
    );
    const launcher = readFileSync(join(person, ".local/share/enginery/bin/toy"), "utf8");
    assert.match(launcher, new RegExp(join(self, "bin/enginery").replaceAll(".", "\\.")));
    assert.doesNotMatch(launcher, /placed/);
    sound(command, "observe", "1");
    assert.match(sound(join(person, ".local/share/enginery/bin/toy")), /toy/);
  });

  it("P6: uninstall leaves nothing but what it was not told of", (t) => {
    t.diagnostic("engine: none (Enginery itself)");
    assert.equal(run(command, "uninstall").status, 2);
    const said = sound(command, "uninstall", "--yes", "--purge");
    assert.match(said, /removed +self/);
    assert.deepEqual(existsSync(person) ? readdirSync(person, { recursive: true }) : [], []);
  });
});
