import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";

type Params = Readonly<Record<string, unknown>>;
type Listener = (method: string, params: Params) => void;

/** The DevTools protocol over two pipes: JSON, each message ended by a NUL. */
export interface Wire {
  send<Result>(method: string, params?: object, sessionId?: string): Promise<Result>;
  listen(sessionId: string, listener: Listener): void;
  forget(sessionId: string): void;
  /** The next event of that name. */
  once(sessionId: string, method: string): Promise<Params>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Params;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** `patienceMs`: how long an answer may take. A browser that ends fails all that is waited for. */
export function openWire(child: ChildProcess, patienceMs: number): Wire {
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Set<Listener>>();
  let last = 0;
  let rest = "";
  let failure: Error | undefined;

  function fail(error: Error): void {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }
  child.on("error", fail);
  child.on("exit", (status, signal) => fail(new Error(`the browser ended with ${status ?? signal}`)));
  input.on("error", fail);
  output.setEncoding("utf8");
  output.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\0");
    rest = parts.pop() ?? "";
    for (const part of parts) take(JSON.parse(part));
  });

  function take({ id, method, sessionId, params = {}, result, error }: Message): void {
    if (id === undefined) {
      for (const listener of listeners.get(sessionId ?? "") ?? []) listener(method ?? "", params);
      return;
    }
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result as never);
    else asked?.reject(new Error(error.message));
  }

  function bounded<Result>(what: string, begin: (waiter: Waiting) => () => void): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${what} took longer than ${patienceMs} ms`))),
        patienceMs,
      );
      const undo = begin({
        resolve: (result) => settle(() => resolve(result)),
        reject: (error) => settle(() => reject(error)),
      });
      function settle(answer: () => void): void {
        clearTimeout(timer);
        undo();
        answer();
      }
    });
  }

  const listen = (sessionId: string, listener: Listener) => {
    const known = listeners.get(sessionId) ?? new Set();
    listeners.set(sessionId, known.add(listener));
  };

  return {
    send: (method, params = {}, sessionId) =>
      bounded(method, (waiter) => {
        const id = ++last;
        waiting.set(id, waiter);
        input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
        return () => waiting.delete(id);
      }),
    listen,
    forget: (sessionId) => void listeners.delete(sessionId),
    once: (sessionId, name) =>
      bounded(name, ({ resolve }) => {
        const listener: Listener = (method, params) => {
          if (method === name) resolve(params as never);
        };
        listen(sessionId, listener);
        return () => void listeners.get(sessionId)?.delete(listener);
      }),
  };
}
