// What the library costs in a host: `node bench/growth/answers-cost.ts open|refresh|lease|epoch|pinned|unpinned|map HOME DEPLOYMENTS`. Prints the milliseconds of
// wall and processor time of opening once, of looking once or of a thousand answers, and the peak of resident memory in KiB.
import { openHome } from "../../src/index.ts";
import { ENGINE, tenantAt } from "../large-home.ts";

const ANSWERS = 1_000;
const ROUNDS = 200;

const [what = "", path = "", count = ""] = process.argv.slice(2);
const before = now();
const host = openHome(path);
host.load();
const opening = since(before);
console.log([...(what === "open" ? opening : cost(wayOf(what))), process.resourceUsage().maxRSS].join(" "));
host.close();

type Way = (at: number) => unknown;

function wayOf(asked: string): { readonly act: Way; readonly times: number } {
  const deployments = Number(count);
  const tenants = Array.from({ length: 4_096 }, (_, at) => tenantAt((at * 7_919) % (deployments * 10)));
  const others = tenants.map((tenant) => `${tenant}-without`);
  const epochs = tenants.map((_, at) => (at * 7_919) % (deployments * 10));
  // what any answer about as many tenants has to look into
  const plain = new Map(Array.from({ length: deployments * 10 }, (_, at) => [tenantAt(at), `${at % 7}`]));
  const ways: Readonly<Record<string, Way>> = {
    map: (at) => plain.get(tenants[at & 4095] ?? ""),
    epoch: (at) => host.resolve({ engine: ENGINE, epoch: epochs[at & 4095] }),
    pinned: (at) => host.resolve({ engine: ENGINE, tenant: tenants[at & 4095] }),
    unpinned: (at) => host.resolve({ engine: ENGINE, tenant: others[at & 4095], epoch: epochs[at & 4095] }),
  };
  const act = ways[asked];
  if (act !== undefined) return { act, times: ANSWERS };
  const answer = host.resolve({ engine: ENGINE, epoch: 5 });
  return { act: asked === "lease" ? () => host.lease(answer)[Symbol.dispose]() : () => host.refresh(), times: 1 };
}

/** The middle of many rounds, the first of which are not counted: answers are made once and kept. */
function cost({ act, times }: { readonly act: Way; readonly times: number }): readonly [number, number] {
  const all: (readonly [number, number])[] = [];
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    const begin = now();
    // what nobody looks at is optimised away
    for (let at = 0; at < times; at += 1) if (act(round * times + at) === null) throw new Error("There is no answer.");
    if (round >= ROUNDS) all.push(since(begin));
  }
  const middle = (of: readonly number[]) => of.toSorted((one, other) => one - other)[ROUNDS / 2] ?? 0;
  return [middle(all.map(([wall]) => wall)), middle(all.map(([, cpu]) => cpu))];
}

function now() {
  return { wall: performance.now(), cpu: process.cpuUsage() };
}

function since(begin: ReturnType<typeof now>): readonly [number, number] {
  const { user, system } = process.cpuUsage(begin.cpu);
  return [performance.now() - begin.wall, (user + system) / 1_000];
}
