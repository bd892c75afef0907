export { readCluster, resetAdmin } from './adopt.ts';
export { HostSet } from './host-set.ts';
export { maintenanceOf, startMaintenance } from './maintenance.ts';
export { Upgrades } from './upgrades.ts';
