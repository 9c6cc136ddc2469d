import assert from "node:assert/strict";
import { jsonOf, type Ran, told } from "../../engines/support/command.ts";
import { type Environment, type Place, type Running, start } from "./place.ts";

/** How the cases of one platform talk to Enginery: `program` is what starts it there, `home` a path of this host. */
export function asking(place: Place, program: readonly string[], home: string) {
  const begin = (args: readonly string[], at = home, env: Environment = {}): Running =>
    start(place, [...program, "--home", place.inside(at), ...args], env);
  const ask = (args: readonly string[], at = home): Promise<Ran> => begin(args, at).done;
  const sure = async (args: readonly string[], at = home): Promise<Ran> => {
    const ran = await ask(args, at);
    assert.equal(ran.status, 0, told(ran));
    return ran;
  };
  const answer = async <T>(args: readonly string[], at = home): Promise<T> =>
    jsonOf<T>(await sure([...args, "--json"], at));
  return { begin, ask, sure, answer };
}

export type Asking = ReturnType<typeof asking>;
