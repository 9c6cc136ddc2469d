import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { doctor } from "../../../src/ops/doctor.ts";
import { history } from "../../../src/ops/history.ts";
import { install } from "../../../src/ops/install.ts";
import { list, schedule } from "../../../src/ops/list.ts";
import { observe } from "../../../src/ops/observe.ts";
import { pin, pins } from "../../../src/ops/pin.ts";
import { prune } from "../../../src/ops/prune.ts";
import { quarantine } from "../../../src/ops/quarantine.ts";
import { status } from "../../../src/ops/status.ts";
import { upgrade } from "../../../src/ops/upgrade.ts";
import { verify } from "../../../src/ops/verify.ts";
import { which } from "../../../src/ops/which.ts";
import { installRequest, upgradeRequest, verifyRequest } from "../../support/operator-requests.ts";
import type { TestWorld } from "../../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../../support/toy-channel.ts";

/** toy 1.0.0 from 0, 2.0.0 from 100, 3.0.0 from 200; three generations, two trust sets, a pin, epoch 150; 4.0.0 is quarantined. */
export async function makeSoundHome(world: TestWorld, home: string): Promise<ToyChannel> {
  const channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.release("toy", "2.0.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.deploy("toy", "2.0.0", 100);
  await channel.publish(10);
  cpSync(channel.repository, pastRepository(world), { recursive: true });
  await install(world, installRequest(world, channel, { home }));
  await observe(world, { home, epoch: 150, dryRun: false });
  await pin(world, { home, dryRun: false, pins: [{ tenant: "vat-1", engine: "toy", version: "1.0.0" }] });
  await channel.release("toy", "3.0.0");
  await channel.release("toy", "4.0.0", { reports: "wrong" });
  await channel.deploy("toy", "3.0.0", 200, 150);
  await channel.deploy("toy", "4.0.0", 900, 150);
  await channel.publish(150);
  await upgrade(world, upgradeRequest(world, { home }));
  return channel;
}

/** The repository as it was at serial 1. */
export const pastRepository = (world: TestWorld): string => join(world.folder, "past-repository");

/** A home of its own, the same as `from`. */
export function copyOf(from: string, to: string): string {
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return to;
}

/** What a disk does to a file: half of it is gone. */
export function tear(path: string): void {
  writeFileSync(path, readFileSync(path).subarray(0, 20), { mode: 0o644 });
}

/** What a power cut does to a file on some file systems: its bytes are zeros. */
export function blank(path: string): void {
  writeFileSync(path, Buffer.alloc(readFileSync(path).length));
}

export const inFolder = (home: string, folder: string): string[] =>
  readdirSync(join(home, folder))
    .sort()
    .map((name) => join(home, folder, name));

/** Every verb that only looks, as an operator would ask. */
export function lookingVerbs(world: TestWorld, home: string): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    status: () => status(world, { home }),
    list: () => list(world, { home }),
    schedule: () => schedule(world, { home }),
    which: () => which(world, { home, engine: "toy" }),
    "which --epoch": () => which(world, { home, engine: "toy", epoch: 250 }),
    "which --tenant": () => which(world, { home, engine: "toy", tenant: "vat-1" }),
    pins: () => pins(world, { home }),
    history: () => history(world, { home }),
    quarantine: () => quarantine(world, { home, dryRun: true }),
    verify: () => verify(world, verifyRequest(world, { home })),
    "prune --dry-run": () => prune(world, { home, dryRun: true }),
    "upgrade --dry-run": () => upgrade(world, upgradeRequest(world, { home, dryRun: true })),
    doctor: () => doctor(world, { home, fix: false }),
  };
}

export const newestManifest = (home: string): string => {
  const newest = inFolder(home, "generations").at(-1) ?? "";
  const { manifest } = JSON.parse(readFileSync(newest, "utf8"));
  return join(home, "manifests", `${manifest.sha256}.json`);
};

export const treeOf = (home: string, version: string): string => {
  const { tree } = JSON.parse(readFileSync(join(home, "engines/toy", version, "SEAL.json"), "utf8"));
  return join(home, "trees", `${tree}.json`);
};

export function pinFile(home: string): string {
  const [shard = ""] = inFolder(home, "pins");
  return join(shard, readdirSync(shard)[0] ?? "");
}

/** Puts a link where `path` is; what was there lies beside the home. */
export function plantLink(path: string, aside: string): void {
  mkdirSync(aside, { recursive: true });
  rmSync(path, { recursive: true, force: true });
  symlinkSync(aside, path);
}
