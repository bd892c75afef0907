export { lockOwner, readCluster, resetAdmin, type ReadCluster } from './adopt.ts';
export { HostSet } from './host-set.ts';
export { readRow, shownRun } from './record.ts';
export { maintenanceOf, startMaintenance } from './maintenance.ts';
export { Upgrades } from './upgrades.ts';
