import { test } from "node:test";
import { TrustClient } from "../support/trust-client.ts";
import { type Role, TufSimulator } from "../support/tuf-simulator.ts";

const EXPIRED: readonly (readonly [number: number, role: Role])[] = [
  [101, "root"],
  [102, "timestamp"],
  [103, "snapshot"],
  [104, "targets"],
];

for (const [number, role] of EXPIRED) {
  test(`${number} expired ${role}: refused by who knows the channel and by who is new`, async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    simulator.days[role] = -1;
    if (role === "root") simulator.publishRoot();
    simulator.publish();
    const message = new RegExp(`${role}.* expired`);
    await client.refuses("trust-expired", message);
    await (await TrustClient.begin(simulator)).refuses("trust-expired", message);
    simulator.days[role] = 30;
    if (role === "root") simulator.publishRoot();
    simulator.publish();
    await client.refresh();
  });
}
