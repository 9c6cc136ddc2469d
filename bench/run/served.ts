import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Sent {
  readonly bytes: number;
  readonly requests: number;
}

export interface Served {
  /** Without a slash at its end. */
  readonly url: string;
  /** What was sent since it was asked last. */
  sent(): Promise<Sent>;
  close(): void;
}

/** Serves a folder on loopback from another process, whose work no client is measured with. */
export async function serveFolder(folder: string): Promise<Served> {
  const child = fork(join(import.meta.dirname, "static-server.ts"), [folder], { execArgv: [] });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}`,
    sent: async () => {
      const answer = once(child, "message");
      child.send("sent");
      const [{ sent }] = (await answer) as [{ sent: Sent }];
      return sent;
    },
    close: () => child.kill("SIGKILL"),
  };
}
