import { openHome } from "../../../src/index.ts";

/** A host: leases the release in effect at an epoch, and gives it back. */
const [path = "", engine = "", epoch = ""] = process.argv.slice(2);
const home = openHome(path);
const answer = home.resolve({ engine, epoch: Number(epoch) });
const lease = home.lease(answer);
lease[Symbol.dispose]();
process.stdout.write(answer.version);
