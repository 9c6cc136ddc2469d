import assert from "node:assert/strict";
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, it } from "node:test";
import { jsonOf, told } from "../engines/support/command.ts";
import { Publisher } from "../engines/support/publisher.ts";
import { type Asking, asking } from "./support/asking.ts";
import { folderIn, start } from "./support/place.ts";
import type { OpenPlace, PlaceOptions } from "./support/places.ts";
import { wasmtimeFolder } from "./support/prepared.ts";
import { publishTree, wizerOf } from "./support/wizer.ts";

/** With the zero at its end: what Windows takes for a path from whoever does not ask in the long form. */
const MOST = 260;
const INNER = `${folders("inner", 5)}/wizer.exe`;

/** Homes and releases whose paths are longer than Windows takes from most programs. */
export function longPaths(platform: string, open: (options: PlaceOptions) => Promise<OpenPlace>): void {
  let place: OpenPlace;
  let folder: string;
  let publisher: Publisher;
  let from: readonly string[];
  const ends = (home: string, ...names: readonly string[]) => place.inside(join(home, ...names)).length;
  const publish = async (version: string, validFrom: number) => {
    const tree = join(folder, version);
    const program = join(wasmtimeFolder(platform, version), wizerOf(platform));
    mkdirSync(join(tree, dirname(INNER)), { recursive: true });
    cpSync(program, join(tree, wizerOf(platform)));
    cpSync(program, join(tree, INNER));
    const words = ["--entry", `inner=${INNER}:executable`];
    await publishTree({ publisher, platform, folder }, { version, validFrom, tree, words });
  };
  /** Started where no program of this system can be, which is asked in the long form all the same. */
  const requireAskedInLongForm = async (by: Asking, words: readonly string[]) => {
    const ran = await by.begin(["exec", "wasmtime", ...words, "--", "--version"], undefined, {
      WINEDEBUG: "+process",
    }).done;
    assert.match(ran.stderr, /CreateProcessInternalW app L"\\\\\\\\\?\\\\Z:\\\\work\\\\/, told({ ...ran, stderr: "" }));
    const said = ran.stderr.slice(ran.stderr.indexOf("enginery: "));
    assert.equal(ran.status, 127, said);
    assert.match(
      said,
      /error engine-start Cannot start Z:.*ENOENT\.\r?\nIts path has \d{3} characters\. Put the home where/,
    );
  };

  before(async () => {
    place = await open({ offline: true });
    folder = folderIn(place, "long");
    publisher = new Publisher(folder, "net");
    const { root } = await publisher.init();
    await publish("9.0.1", 0);
    await publish("23.0.2", 100);
    await publisher.sign();
    const there = [place.inside(publisher.repository), "--root", place.inside(root.path)];
    from = ["install", "--channel", "net", "--from", ...there];
  });
  after(() => place?.[Symbol.dispose]());

  it(`${platform}: a release with long paths in it is laid out, started and checked, its launcher too`, async () => {
    const program = ["engines", "wasmtime", "23.0.2", wizerOf(platform)];
    const short = join(folder, "short");
    const home = join(folder, `short${"-".repeat(MOST - 1 - ends(short, ...program))}`);
    assert.equal(ends(home, ...program), MOST - 1, "the longest that every program can start");
    const by = asking(place, place.enginery, home);
    assert.doesNotMatch((await by.sure(from)).stderr, /long-path/);
    const ran = await by.sure(["exec", "wasmtime", "--epoch", "150", "--", "--version"]);
    assert.match(ran.stdout, /^wizer 7\.0\.5/);
    await by.sure(["observe", "50"]);
    const launcher = place.inside(join(home, "bin", "wasmtime.cmd"));
    assert.match((await start(place, [...place.program(launcher), "--version"]).done).stdout, /^wizer 3\.0\.1/);
    await requireAskedInLongForm(by, ["--epoch", "150", "--entry", "inner"]);
    await by.sure(["verify"]);
  });

  it(`${platform}: in a home whose path cmd would read in another code page a launcher starts what is in effect`, async () => {
    const home = join(folder, "José");
    const by = asking(place, place.enginery, home);
    await by.sure(from);
    await by.sure(["observe", "50"]);
    const launcher = join(home, "bin", "wasmtime.cmd");
    assert.match(readFileSync(launcher, "utf8"), /--home "%~dp0\.\."/);
    assert.match(
      (await start(place, [...place.program(place.inside(launcher)), "--version"]).done).stdout,
      /^wizer 3\.0\.1/,
    );
  });

  it(`${platform}: in a home at a long path all is done that does not start what lies there`, async () => {
    const home = join(folder, folders("home", 7));
    assert.ok(ends(home) > MOST);
    const by = asking(place, place.enginery, home);
    assert.match((await by.sure(from)).stderr, /warning long-path: .*cmd.* bin\/wasmtime\.cmd/);
    const { path } = await by.answer<{ path: string }>(["which", "wasmtime", "--epoch", "150"]);
    assert.equal(path.replaceAll("/", "\\"), place.inside(join(home, "engines", "wasmtime", "23.0.2", "wizer.exe")));
    await requireAskedInLongForm(by, ["--epoch", "150"]);
    const { findings } = jsonOf<{ findings: { code: string; severity: string }[] }>(
      await by.sure(["doctor", "--json"]),
    );
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== "ok").map(({ code }) => code),
      ["long-path"],
    );
    const file = join(home, "engines", "wasmtime", "23.0.2", INNER);
    chmodSync(file, 0o755);
    appendFileSync(file, "x");
    chmodSync(file, 0o555);
    assert.equal((await by.ask(["verify"])).status, 5);
    await by.sure(["verify", "--repair"]);
    await by.sure(["verify"]);
    await publish("36.0.2", 200);
    await publisher.sign();
    assert.equal((await by.answer<{ to: number }>(["upgrade"])).to, 2);
    await by.sure(["observe", "250"]);
    const pruned = await by.sure(["prune", "--yes", "--before", "200", "--keep-generations", "1", "--json"]);
    const { removed } = jsonOf<{ removed: { version: string }[] }>(pruned);
    assert.deepEqual(
      removed.map(({ version }) => version),
      ["9.0.1"],
      told(pruned),
    );
    assert.deepEqual(readdirSync(join(home, "engines", "wasmtime")).sort(), ["23.0.2", "36.0.2"]);
    await by.sure(["verify"]);
    await by.sure(["uninstall", "--purge", "--yes"]);
    assert.equal(existsSync(home), false);
  });
}

function folders(name: string, count: number): string {
  return Array.from({ length: count }, (_, position) => `${name}-${position}-`.padEnd(50, "x")).join("/");
}
