import type { Check } from './check.ts';
import { clock } from './checks/clock.ts';
import { clusterSecrets } from './checks/cluster-secrets.ts';
import { connectionBudget } from './checks/connection-budget.ts';
import { databaseDurability } from './checks/database-durability.ts';
import { databaseFailoverAddress } from './checks/database-failover-address.ts';
import { databasePooler } from './checks/database-pooler.ts';
import { databasePort } from './checks/database-port.ts';
import { database } from './checks/database.ts';
import { disk } from './checks/disk.ts';
import { existingNode } from './checks/existing-node.ts';
import { filestoreMount } from './checks/filestore-mount.ts';
import { filestoreOwner } from './checks/filestore-owner.ts';
import { filestoreShared } from './checks/filestore-shared.ts';
import { filestore } from './checks/filestore.ts';
import { latency } from './checks/latency.ts';
import { libc } from './checks/libc.ts';
import { memory } from './checks/memory.ts';
import { nodePort } from './checks/node-port.ts';
import { openFiles } from './checks/open-files.ts';
import { ownPlaces } from './checks/own-places.ts';
import { peerPort } from './checks/peer-port.ts';
import { platform } from './checks/platform.ts';
import { port } from './checks/port.ts';
import { runtimeFolder } from './checks/runtime-folder.ts';
import { serviceUid } from './checks/service-uid.ts';
import { systemd } from './checks/systemd.ts';
import { tools } from './checks/tools.ts';

export type { Check, CheckContext, DatabaseLook, Finding, OtherHost, PlannedNode, Probe, ProbeResult } from './check.ts';
export { closedPort } from './firewall-cause.ts';
export { runChecks, type CheckResult } from './run-checks.ts';
export { endpointOf, reachFix, tcpWords, tryTcp } from './tcp.ts';

/** All checks, in the order in which they are shown. */
export const checks: readonly Check[] = [
  platform, libc, systemd, tools, disk, memory, runtimeFolder, ownPlaces, openFiles, existingNode, clusterSecrets, serviceUid,
  port, peerPort, nodePort, latency,
  databasePort, database, databasePooler, databaseDurability, databaseFailoverAddress, connectionBudget, clock,
  filestoreMount, filestore, filestoreOwner, filestoreShared,
];
