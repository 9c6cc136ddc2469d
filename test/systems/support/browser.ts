import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Prepared, pathOf, reasonToSkip } from "../../engines/support/engines.ts";
import { openWire, type Wire } from "./devtools-wire.ts";

/** A real Chromium without a window, driven over a pipe: no port is opened, and its network is off. */
export interface Browser extends AsyncDisposable {
  readonly version: string;
  /** Loads a page of the disk as somebody with that screen would see it. */
  open(url: string, manner: Manner): Promise<Tab>;
}

export interface Manner {
  readonly width: number;
  readonly height?: number;
  readonly scheme: "light" | "dark";
  readonly scripts?: boolean;
  readonly print?: boolean;
  /** What the page's clock says, in milliseconds since 1970; default: the machine's. */
  readonly now?: number;
}

export interface Tab extends AsyncDisposable {
  /** What went wrong since it was opened: console messages, exceptions, violations of the policy. */
  readonly complaints: readonly string[];
  /** Addresses that were asked for, the page's own first. */
  readonly requests: readonly string[];
  /** The value of an expression in the page, as JSON carries it. */
  evaluate<Value>(expression: string): Promise<Value>;
  press(key: "Tab" | "Enter"): Promise<void>;
  /** PNG of the whole page. */
  screenshot(): Promise<Uint8Array>;
  /** As readers of the screen get it: role and name of each node that is not ignored. */
  accessible(): Promise<readonly { readonly role: string; readonly name: string }[]>;
  pdf(): Promise<Uint8Array>;
}

export const NEEDS_BROWSER = reasonToSkip(preparedBrowser());
const PATIENCE_MS = 60_000;

export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "enginery-browser-"));
  const words = [
    ...["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
    ...[
      "--host-resolver-rules=MAP * ~NOTFOUND",
      "--remote-debugging-pipe",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
  ];
  const child = spawn(pathOf(preparedBrowser()), words, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const wire = openWire(child, PATIENCE_MS);
  const { product } = await wire.send<{ product: string }>("Browser.getVersion");
  return {
    version: product,
    open: (url, manner) => openTab(wire, url, manner),
    [Symbol.asyncDispose]: async () => {
      await ended(child, wire);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function ended(child: ChildProcess, wire: Wire): Promise<void> {
  const exit = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  await wire.send("Browser.close").catch(() => undefined);
  const isEnded = await Promise.race([exit?.then(() => true) ?? true, sleep(10_000, false, { ref: false })]);
  if (!isEnded) child.kill("SIGKILL");
  await exit;
}

async function openTab(wire: Wire, url: string, manner: Manner): Promise<Tab> {
  const { targetId } = await wire.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await wire.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
  const send = <Result>(method: string, params: object = {}) => wire.send<Result>(method, params, sessionId);
  const complaints: string[] = [];
  const requests: string[] = [];
  wire.listen(sessionId, (method, params) => {
    if (method === "Network.requestWillBeSent") requests.push((params["request"] as { url: string }).url);
    if (method === "Runtime.consoleAPICalled" || method === "Runtime.exceptionThrown" || method === "Log.entryAdded") {
      complaints.push(`${method} ${JSON.stringify(params).slice(0, 600)}`);
    }
  });
  for (const domain of ["Page", "Runtime", "Log", "Network", "Accessibility"]) await send(`${domain}.enable`);
  await send("Network.emulateNetworkConditions", {
    offline: true,
    latency: 0,
    downloadThroughput: 0,
    uploadThroughput: 0,
  });
  const { width, height = 900, scheme, scripts = true, print = false } = manner;
  await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  await send("Emulation.setEmulatedMedia", {
    media: print ? "print" : "screen",
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
  await send("Emulation.setScriptExecutionDisabled", { value: !scripts });
  if (manner.now !== undefined) {
    await send("Page.addScriptToEvaluateOnNewDocument", { source: `Date.now = () => ${manner.now};` });
  }
  const loaded = wire.once(sessionId, "Page.loadEventFired");
  await send("Page.navigate", { url });
  await loaded;
  return {
    complaints,
    requests,
    evaluate: async <Value>(expression: string) => {
      const answer = await send<Evaluated<Value>>("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (answer.exceptionDetails !== undefined)
        throw new Error(JSON.stringify(answer.exceptionDetails).slice(0, 1000));
      return answer.result.value;
    },
    press: async (key) => {
      const facts = {
        key,
        code: key,
        windowsVirtualKeyCode: key === "Tab" ? 9 : 13,
        ...(key === "Enter" ? { text: "\r" } : {}),
      };
      await send("Input.dispatchKeyEvent", { type: "keyDown", ...facts });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...facts });
    },
    screenshot: async () => {
      const { cssContentSize } = await send<{ cssContentSize: { width: number; height: number } }>(
        "Page.getLayoutMetrics",
      );
      const clip = { x: 0, y: 0, width, height: Math.min(16_000, cssContentSize.height), scale: 1 };
      const { data } = await send<{ data: string }>("Page.captureScreenshot", { captureBeyondViewport: true, clip });
      return Buffer.from(data, "base64");
    },
    accessible: async () => {
      const { nodes } = await send<{ nodes: readonly AccessibleNode[] }>("Accessibility.getFullAXTree");
      return nodes
        .filter(({ ignored }) => !ignored)
        .map(({ role, name }) => ({ role: role?.value ?? "", name: name?.value ?? "" }));
    },
    pdf: async () =>
      Buffer.from((await send<{ data: string }>("Page.printToPDF", { printBackground: true })).data, "base64"),
    [Symbol.asyncDispose]: async () => {
      wire.forget(sessionId);
      await wire.send("Target.closeTarget", { targetId });
    },
  };
}

interface Evaluated<Value> {
  readonly result: { readonly value: Value };
  readonly exceptionDetails?: object;
}

interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

function preparedBrowser(): Prepared | undefined {
  const said = process.env["ENGINERY_TEST_BROWSER"];
  return said === undefined ? undefined : (JSON.parse(said) as Prepared);
}
