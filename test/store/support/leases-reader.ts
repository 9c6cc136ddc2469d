import { reopen } from "./scratch.ts";

/** Reads the leases of the home that is named, for a test that may have to end it. */
const { leases } = reopen(process.argv[2] ?? "");
const found = leases.all().map((lease) => ({ id: lease.id, state: leases.state(lease), pid: lease.pid }));
process.stdout.write(JSON.stringify(found));
