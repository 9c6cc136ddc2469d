import { type LeaseState, leaseState } from "../core/lease-state.ts";
import type { Lease } from "../core/model/home.ts";
import type { Host, ProcessIdentity } from "../ports/host.ts";

/** Whether the process that a lease, a mark or a stage names still runs. */
export function ownerState(owner: ProcessIdentity, host: Host): LeaseState {
  const { machine, boot } = host.self();
  const lease: Lease = { ...owner, format: 1, id: "", engine: "", version: "" };
  return leaseState(lease, { machine, boot, namespaces: host.namespaces(), startedOf: (pid) => host.startedOf(pid) });
}
