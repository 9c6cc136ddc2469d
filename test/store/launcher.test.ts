import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { after, test } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import type { Home } from "../../src/store/home.ts";
import {
  AT,
  CONFIG,
  install,
  newHome,
  OPERATION,
  reopen,
  scratch,
  statements,
  type ToyRelease,
} from "./support/scratch.ts";

const SHELLS: readonly (readonly string[])[] = [["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["yash"]];
/** yash reads no bytes that its locale has no letter for, and hands over. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = { yash: { LC_ALL: "C.UTF-8" } };
const found = SHELLS.filter(([shell]) => ["/bin", "/usr/bin"].some((folder) => existsSync(`${folder}/${shell}`)));

/** A name that every kind of quoting trips over; what it would do is make a file called `pwned`. */
const HOSTILE_HOME = 'it\'s $(touch pwned) `touch pwned` "q" \\ * ?\n-x';
const HOSTILE_FILE = "bin/a  b' $(touch pwned) `touch pwned` ;touch pwned; & #é";
const ENGINE =
  '#!/bin/sh\nprintf "%s|" "$ENGINERY_ENGINE" "$ENGINERY_ENGINE_VERSION" "$$" "$@"\nread -r line && printf "%s" "$line"\nexit 42\n';
const FILES = { [HOSTILE_FILE]: ENGINE };
const ENTRIES = { xsnap: { path: HOSTILE_FILE, kind: "executable" } } as const;

const RELEASES: readonly ToyRelease[] = [
  { version: "1.0.0", validFrom: 10, files: FILES, entries: ENTRIES },
  {
    version: "2.0.0-rc.1",
    validFrom: 100,
    files: FILES,
    entries: { ...ENTRIES, tool: { path: HOSTILE_FILE, kind: "executable" } },
  },
  { version: "3.0.0", validFrom: 200 },
];

function programOf(shell: string): string {
  return ["/bin", "/usr/bin"].map((folder) => `${folder}/${shell}`).find((file) => existsSync(file)) ?? shell;
}

const NEEDS_ROOT = process.getuid?.() === 0 ? false : "needs root, to leave a file of another account";

interface Place extends Disposable {
  readonly path: string;
  readonly home: Home;
}

async function place(releases = RELEASES): Promise<Place> {
  const folder = scratch();
  const path = `${folder.path}/${HOSTILE_HOME}`;
  const home = newHome(path, { host: nodeHost(`${folder.path}/enginery`) });
  for (const { version, files } of releases) if (files) await install(home, "xsnap", version, files);
  const { generation, manifest } = statements("xsnap", releases);
  home.views.writeIndex(generation, manifest);
  home.generations.commit(generation);
  home.views.settle(generation, manifest);
  writeFileSync(`${folder.path}/enginery`, '#!/bin/sh\nprintf "handed over|"\nprintf "%s|" "$@"\nexit 9\n', {
    mode: 0o755,
  });
  return { path: folder.path, home, [Symbol.dispose]: folder[Symbol.dispose] };
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly name?: string;
}

for (const [shell = "", ...flags] of found) {
  /** No PATH: a program that the launcher started would not be found. */
  function run({ path, home }: Place, { env = {}, args = [], name = "xsnap" }: Options = {}): SpawnSyncReturns<string> {
    const options = {
      cwd: path,
      env: { ...SETTINGS[shell], PATH: "/nowhere", ...env },
      encoding: "utf8",
      input: "input\n",
      timeout: 20_000,
      killSignal: "SIGKILL",
    } as const;
    const result = spawnSync(programOf(shell), [...flags, `${home.path}/bin/${name}`, ...args], options);
    assert.ok(!existsSync(`${path}/pwned`), "something of the content was run");
    return result;
  }
  const at = (epoch: number | string, more: Options = {}): Options => ({
    ...more,
    env: { ...more.env, ENGINERY_EPOCH: `${epoch}` },
  });

  test(`${shell}: each epoch runs its engine, with arguments, input and exit status passed on`, async () => {
    using there = await place();
    for (const [epoch, version] of [
      [10, "1.0.0"],
      [99, "1.0.0"],
      [100, "2.0.0-rc.1"],
      [199, "2.0.0-rc.1"],
    ] as const) {
      const { status, stdout, stderr } = run(
        there,
        at(epoch, { args: ["", "a b", "$(touch pwned)", "*", "-n", "line\nbreak"] }),
      );
      assert.match(
        stdout,
        new RegExp(`^xsnap\\|${version}\\|\\d+\\|\\|a b\\|\\$\\(touch pwned\\)\\|\\*\\|-n\\|line\nbreak\\|input$`),
      );
      assert.deepEqual([status, stderr], [42, ""]);
    }
  });

  test(`${shell}: the observed epoch counts where none is said`, async () => {
    using there = await place();
    there.home.clock.write({ format: 1, epoch: 150, at: AT, from: 'x" ,"epoch":10,"' });
    assert.match(run(there).stdout, /^xsnap\|2\.0\.0-rc\.1\|/);
    assert.match(run(there, { env: { ENGINERY_EPOCH: "" } }).stdout, /^xsnap\|2\.0\.0-rc\.1\|/);
    there.home.config.write({ ...CONFIG, epochMaxAge: 60 });
    assert.match(run(there).stdout, /^handed over/);
    assert.match(run(there, at(10)).stdout, /^xsnap\|1\.0\.0\|/);
    there.home.config.write(CONFIG);
    assert.match(run(there, { env: { ENGINERY_EPOCH_MAX_AGE: "5" } }).stdout, /^handed over/);
    for (const text of [
      "",
      "{}",
      '{"epoch":150}',
      '{"at":"x","from":"y","epoch":150}',
      '{"at":"x","epoch":-1}',
      '{"at":"x","epoch":150',
    ]) {
      writeFileSync(`${there.home.path}/clock/observed.json`, text);
      assert.match(run(there).stdout, /^handed over/, text);
    }
    rmSync(`${there.home.path}/config.json`);
    assert.match(run(there).stdout, /^handed over/);
  });

  test(`${shell}: the lease is this process's, and Node reads it`, async () => {
    using there = await place();
    const [, , pid] = run(there, at(10)).stdout.split("|");
    const [lease, ...others] = there.home.leases.all();
    assert.deepEqual(others, []);
    const { started, ...rest } = lease ?? assert.fail();
    const self = nodeHost().self();
    assert.deepEqual(
      { ...rest },
      {
        format: 1,
        id: rest.id,
        engine: "xsnap",
        version: "1.0.0",
        epoch: 10,
        pid: Number(pid),
        boot: self.boot,
        machine: self.machine,
        namespace: self.namespace,
      },
    );
    assert.match(started ?? "", /^\d+$/);
    assert.equal(there.home.leases.state(lease ?? assert.fail()), "gone");
    assert.equal(statSync(`${there.home.path}/leases/${rest.id}.json`).mode & 0o777, 0o644);
  });

  test(`${shell}: the lease of a running engine is alive`, async () => {
    const files = { "bin/w": "#!/bin/sh\necho runs\nread -r x\n" };
    const entries = { w: { path: "bin/w", kind: "executable" } } as const;
    using there = await place([{ version: "1.0.0", validFrom: 0, files, entries }]);
    const child = spawn(programOf(shell), [...flags, `${there.home.path}/bin/xsnap`], { env: { PATH: "/nowhere" } });
    await once(child.stdout, "data", { signal: AbortSignal.timeout(20_000) });
    const states = there.home.leases.all().map((lease) => [lease.pid, there.home.leases.state(lease)]);
    assert.deepEqual(states, [[child.pid, "alive"]]);
    child.stdin.end("\n");
    await once(child, "close");
    assert.deepEqual(
      there.home.leases.all().map((lease) => there.home.leases.state(lease)),
      ["gone"],
    );
  });

  test(`${shell}: where the home says so the lease lies outside it, or Node is asked`, async () => {
    using there = await place();
    const outside = `${there.path}/it's $(touch pwned) leases`;
    mkdirSync(outside);
    there.home.leases.moveOutside(outside);
    assert.match(run(there, at(10)).stdout, /^xsnap\|1\.0\.0\|/);
    const [lease, ...others] = there.home.leases.all();
    assert.deepEqual([others, lease?.engine, lease?.version, lease?.epoch], [[], "xsnap", "1.0.0", 10]);
    assert.deepEqual(readdirSync(outside), [`${lease?.id}.json`]);
    assert.deepEqual(readdirSync(`${there.home.path}/leases`), []);
    assert.equal(statSync(`${outside}/${lease?.id}.json`).mode & 0o777, 0o644);
    rmSync(outside, { recursive: true });
    const asked = [];
    asked.push(run(there, at(10)));
    symlinkSync(there.path, outside);
    asked.push(run(there, at(10)));
    for (const text of ["", "relative\n", "leases", outside]) {
      writeFileSync(`${there.home.path}/LEASES`, text);
      asked.push(run(there, at(10)));
    }
    rmSync(`${there.home.path}/LEASES`);
    asked.push(run(there, at(10)));
    for (const { stdout } of asked) assert.match(stdout, /^handed over/);
    assert.deepEqual(readdirSync(`${there.home.path}/leases`), []);
  });

  test(`${shell}: a lease that another account has made in its name is none`, { skip: NEEDS_ROOT }, async () => {
    using there = await place();
    const outside = `${there.path}/leases`;
    mkdirSync(outside);
    there.home.leases.moveOutside(outside);
    // the launcher becomes a launcher again under the same process: its lease is there the second time
    const twice = (between: string) => {
      const script = `if [ -n "$AGAIN" ]; then exec ${programOf(shell)} "$0"; fi; AGAIN=1; export AGAIN; ${between}`;
      return spawnSync(
        "/bin/sh",
        ["-c", `${script}\nexec ${[programOf(shell), ...flags].join(" ")} "$0"`, `${there.home.path}/bin/xsnap`],
        {
          env: { ...SETTINGS[shell], PATH: "/usr/bin:/bin", ENGINERY_EPOCH: "10", OUTSIDE: outside },
          encoding: "utf8",
          input: "input\n",
          timeout: 20_000,
          killSignal: "SIGKILL",
        },
      );
    };
    const name = `read -r stat </proc/self/stat; set -- \${stat##*") "}; read -r boot </proc/sys/kernel/random/boot_id
      file=$OUTSIDE/xsnap@1.0.0.$$-\${20}-\${boot%%-*}.json; set --;`;
    assert.match(twice(`${name} : >"$file"`).stdout, /^xsnap\|1\.0\.0\|/, "its own is as good as a new one");
    assert.match(twice(`${name} : >"$file"; chown 65534 "$file"`).stdout, /^handed over/);
    assert.match(twice(`${name} mkfifo "$file"`).stdout, /^handed over/);
    assert.match(twice(`${name} mkdir "$file"`).stdout, /^handed over/);
    assert.match(twice(`${name} ln -s /dev/null "$file"`).stdout, /^handed over/);
  });

  test(`${shell}: nothing in effect and not installed are said as the command line says them`, async () => {
    using there = await place();
    const before = run(there, at(9));
    assert.deepEqual([before.status, before.stdout], [128, ""]);
    assert.match(before.stderr, /^enginery: error nothing-in-effect .*\n$/);
    const later = run(there, at(200));
    assert.deepEqual([later.status, later.stdout], [128, ""]);
    assert.match(later.stderr, /^enginery: error release-not-installed xsnap@3\.0\.0 .*\n$/);
    assert.deepEqual(there.home.leases.all(), []);
  });

  test(`${shell}: a tenant, an odd epoch, a mark, a missing engine or index go to Node`, async () => {
    using there = await place();
    const handed = (options: Options, words = "xsnap|--|") => {
      const { stdout, status } = run(there, options);
      assert.equal(stdout, `handed over|exec|--home|${there.home.path}|${words}`);
      assert.equal(status, 9);
    };
    handed(at(10, { env: { ENGINERY_TENANT: "vat" }, args: ["a b"] }), "xsnap|--|a b|");
    handed({});
    for (const epoch of ["-1", "1.5", "x", "010", "9999999999999999", "1 2", "$(touch pwned)"]) handed(at(epoch));
    handed(at(100, { name: "tool", env: { ENGINERY_TENANT: "vat" } }), "--entry|tool|xsnap|--|");
    there.home.marks.put("xsnap", "1.0.0", OPERATION);
    handed(at(10));
    there.home.marks.remove("xsnap", "1.0.0");
    renameSync(`${there.home.path}/engines`, `${there.path}/gone`);
    handed(at(10));
    renameSync(`${there.path}/gone`, `${there.home.path}/engines`);
    const [index] = readdirSync(`${there.home.path}/index`);
    for (const rival of ["0".repeat(32), "g".repeat(32)]) {
      cpSync(`${there.home.path}/index/${index}`, `${there.home.path}/index/00000001.${rival}`, { recursive: true });
      handed(at(10));
      rmSync(`${there.home.path}/index/00000001.${rival}`, { recursive: true });
    }
    rmSync(`${there.home.path}/index/${index}`, { recursive: true });
    handed(at(10));
  });

  test(`${shell}: what is not sealed as the release that the index names goes to Node, and so does a link in its place`, async () => {
    using there = await place();
    const folder = there.home.installations.path("xsnap", "1.0.0");
    const seal = `${folder}/SEAL.json`;
    const sound = readFileSync(seal, "utf8");
    const isRun = () => run(there, at(10)).status === 42;
    assert.ok(isRun());
    chmodSync(folder, 0o755);
    for (const text of ["", "{}", sound.replace(/("tree":")../, "$1zz"), sound.replace('"tree"', '"three"')]) {
      rmSync(seal);
      writeFileSync(seal, text);
      assert.ok(!isRun(), text);
    }
    rmSync(seal);
    assert.ok(!isRun());
    writeFileSync(`${there.path}/seal`, sound);
    symlinkSync(`${there.path}/seal`, seal);
    assert.ok(!isRun());
    rmSync(seal);
    writeFileSync(seal, sound);
    assert.ok(isRun());
    const program = `${folder}/${HOSTILE_FILE}`;
    chmodSync(`${folder}/bin`, 0o755);
    renameSync(program, `${there.path}/program`);
    symlinkSync(`${there.path}/program`, program);
    assert.ok(!isRun());
  });

  test(`${shell}: functions that the environment brings stand for nothing here`, async () => {
    using there = await place();
    const names = ["read", "echo", "umask", "command", "["];
    const env = Object.fromEntries(names.map((name) => [`BASH_FUNC_${name}%%`, "() { printf foreign; return 0; }"]));
    const { stdout, status } = run(there, at(10, { env }));
    assert.equal(status, 42);
    assert.doesNotMatch(stdout, /foreign/);
    assert.equal(run(there, at(10, { env: { ...env, ENGINERY_TENANT: "vat" } })).status, 9);
    for (const lease of there.home.leases.all()) assert.notEqual(lease.pid, 0, "the lease is whole");
  });

  test(`${shell}: an entry point that the deployment in effect has not goes to Node, never to an older one`, async () => {
    using there = await place();
    assert.match(run(there, at(100, { name: "tool" })).stdout, /^xsnap\|2\.0\.0-rc\.1\|/);
    assert.match(run(there, at(10, { name: "tool" })).stdout, /^handed over\|.*\|--entry\|tool\|xsnap\|--\|$/s);
    const tool = { path: HOSTILE_FILE, kind: "executable" } as const;
    using dropped = await place([
      { version: "1.0.0", validFrom: 10, files: FILES, entries: { ...ENTRIES, tool } },
      { version: "2.0.0", validFrom: 100, files: FILES, entries: ENTRIES },
    ]);
    assert.match(run(dropped, at(99, { name: "tool" })).stdout, /^xsnap\|1\.0\.0\|/);
    assert.match(run(dropped, at(100, { name: "tool" })).stdout, /^handed over/);
  });

  test(`${shell}: an entry point with a guard goes to Node; another one of the same release does not`, async () => {
    const guard = { files: "tree" } as const;
    using there = await place([
      {
        version: "1.0.0",
        validFrom: 10,
        files: FILES,
        entries: { xsnap: { ...ENTRIES.xsnap, guard }, tool: { path: HOSTILE_FILE, kind: "executable" } },
      },
      {
        version: "2.0.0",
        validFrom: 100,
        files: FILES,
        entries: { ...ENTRIES, tool: { path: HOSTILE_FILE, kind: "executable", guard } },
      },
    ]);
    for (const [epoch, free, guarded] of [
      [10, "tool", "xsnap"],
      [100, "xsnap", "tool"],
    ] as const) {
      assert.match(run(there, at(epoch, { name: guarded })).stdout, /^handed over/);
      assert.deepEqual(
        readdirSync(`${there.home.path}/leases`).length,
        epoch === 10 ? 0 : 1,
        "nothing was claimed for it",
      );
      assert.match(run(there, at(epoch, { name: free })).stdout, /^xsnap\|[12]\.0\.0\|/);
    }
  });

  test(`${shell}: beyond the newest 32 deployments Node answers`, async () => {
    const many = Array.from({ length: 40 }, (_, n) => ({
      version: `1.${n}.0`,
      validFrom: 10 * n,
      ...(n === 20 ? { files: FILES, entries: ENTRIES } : {}),
    }));
    using there = await place(many);
    assert.match(run(there, at(205)).stdout, /^xsnap\|1\.20\.0\|/);
    assert.match(run(there, at(15)).stdout, /^handed over/);
  });

  test(`${shell}: where the lease cannot be written nothing runs here`, async () => {
    using there = await place();
    rmSync(`${there.home.path}/leases`, { recursive: true });
    assert.match(run(there, at(10)).stdout, /^handed over/);
    writeFileSync(`${there.home.path}/leases`, "");
    assert.match(run(there, at(10)).stdout, /^handed over/);
    rmSync(`${there.home.path}/leases`);
    mkdirSync(`${there.path}/elsewhere`);
    symlinkSync(`${there.path}/elsewhere`, `${there.home.path}/leases`);
    assert.match(run(there, at(10)).stdout, /^handed over/, "a link is not followed");
    assert.deepEqual(readdirSync(`${there.path}/elsewhere`), []);
  });

  test(`${shell}: a config of more lines than anybody writes is Node's to read`, async () => {
    using there = await place();
    there.home.clock.write({ format: 1, epoch: 150, at: AT, from: "x" });
    const config = `${there.home.path}/config.json`;
    const text = readFileSync(config, "utf8");
    writeFileSync(config, `${text}${"\n".repeat(500)}`);
    assert.match(run(there).stdout, /^xsnap\|2\.0\.0-rc\.1\|/);
    writeFileSync(config, `${text}${"\n".repeat(2_000)}`);
    assert.match(run(there).stdout, /^handed over/);
  });

  test(`${shell}: a home of another layout, and a newest generation that is emptied, go to Node`, async () => {
    using there = await place();
    const version = `${there.home.path}/VERSION`;
    chmodSync(version, 0o644);
    writeFileSync(version, "3\n");
    assert.match(run(there, at(10)).stdout, /^handed over/);
    writeFileSync(version, "1\n");
    assert.match(run(there, at(10)).stdout, /^xsnap\|1\.0\.0\|/);
    const generations = `${there.home.path}/generations`;
    const newest = `${generations}/${readdirSync(generations).sort().at(-1)}`;
    chmodSync(newest, 0o644);
    writeFileSync(newest, "");
    assert.match(run(there, at(10)).stdout, /^handed over/);
  });

  test(`${shell}: without the program to hand over to it says so`, async () => {
    using there = await place();
    rmSync(`${there.path}/enginery`);
    const { status, stderr } = run(there);
    assert.equal(status, 127);
    assert.match(stderr, /^enginery: error missing .*\n$/);
    writeFileSync(`${there.path}/mine`, "#!/bin/sh\necho mine\n", { mode: 0o755 });
    assert.equal(run(there, { env: { ENGINERY_COMMAND: `${there.path}/mine` } }).stdout, "mine\n");
  });

  for (const [what, spoil] of Object.entries<(text: string) => string>({
    empty: () => "",
    "of another format": (text) => text.replace("enginery-index 1", "enginery-index 2"),
    "of another engine": (text) => text.replace(" xsnap ", " wasm "),
    "of another generation": (text) => text.replace("00000001", "00000002"),
    "with a version that climbs": (text) => text.replace("1.0.0 1", "../../../x 1"),
    "with a path that climbs": (text) => text.replaceAll("bin/", "../1.0.0/bin/"),
    "with an absolute path": (text) => text.replaceAll(/bin\/.*/g, "/bin/sh"),
    "with a command for a number": (text) => text.replace("\n10 ", "\n$(touch pwned) "),
    "with a dash for a number": (text) => text.replace("\n10 ", "\n-10 "),
    "that says of an installation what is not known yet": (text) => text.replaceAll(/^(10 1\.0\.0) 1/gm, "$1 3"),
    "cut short": (text) => text.slice(0, text.indexOf("\n10 ") + 3),
    "that lost its oldest rows": (text) => text.slice(0, text.indexOf("\n10 ") + 1),
    "with globs": (text) => text.replaceAll("1.0.0", "*"),
  })) {
    test(`${shell}: an index ${what} goes to Node`, async () => {
      using there = await place();
      const file = `${there.home.path}/index/${readdirSync(`${there.home.path}/index`)[0]}/xsnap`;
      const spoiled = spoil(readFileSync(file, "utf8"));
      assert.notEqual(spoiled, readFileSync(file, "utf8"));
      writeFileSync(file, spoiled);
      assert.match(run(there, at(10)).stdout, /^handed over/);
      assert.deepEqual(readdirSync(`${there.home.path}/leases`), []);
    });
  }

  test(`${shell}: other generations and links to the launcher do not mislead it`, async () => {
    using there = await place();
    const second = statements("xsnap", [RELEASES[1] ?? assert.fail()], { number: 2 });
    const { home } = there;
    home.views.writeIndex(second.generation, second.manifest);
    assert.match(run(there, at(10)).stdout, /^xsnap\|1\.0\.0\|/, "an index before its commit");
    home.generations.commit(second.generation);
    assert.equal(run(there, at(10)).status, 128, "the commit counts at once");
    assert.match(run(there, at(100)).stdout, /^xsnap\|2\.0\.0-rc\.1\|/);
    home.generations.setAside(2);
    assert.match(run(there, at(10)).stdout, /^xsnap\|1\.0\.0\|/);
    symlinkSync(`${home.path}/bin/xsnap`, `${home.path}/bin/other name`);
    assert.match(run(there, at(10, { name: "other name" })).stdout, /^xsnap\|1\.0\.0\|/);
  });

  test(`${shell}: not even a subshell is started on the way to the engine`, async () => {
    const files = { "bin/w": '#!/bin/sh\nread -r line </proc/self/stat\necho "$line"\n' };
    using there = await place([
      { version: "1.0.0", validFrom: 0, files, entries: { w: { path: "bin/w", kind: "executable" } } },
    ]);
    const { stdout } = run(there);
    // field 11: page faults of children that were waited for; the engine's process was the launcher's
    const [, , , , , , , , faults] = stdout.slice(stdout.lastIndexOf(")") + 2).split(" ");
    assert.equal(faults, "0", stdout);
    assert.equal(there.home.leases.all().length, 1);
  });

  test(`${shell}: the engine's environment is the caller's own, umask and all`, async () => {
    using there = await place([
      {
        version: "1.0.0",
        validFrom: 0,
        files: { "bin/w": "#!/bin/sh\nexport -p\numask\necho $-\n" },
        entries: { w: { path: "bin/w", kind: "executable" } },
      },
    ]);
    const before = process.umask(0o027);
    const { stdout } = run(there, { env: { home: "mine", version: "mine", IFS: "/" } });
    process.umask(before);
    assert.ok(!/enginery_/.test(stdout), stdout);
    assert.match(stdout, /home='?"?mine/);
    assert.match(stdout, /\n0*27\n/);
    assert.deepEqual(reopen(there.home.path).leases.all().length, 1);
  });
}

after(() => assert.ok(found.length > 0, "no shell was found to test with"));
