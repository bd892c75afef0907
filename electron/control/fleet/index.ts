export { demoClusterId, demoFolderOf, rememberDemoFolder } from './demo-entry.ts';
export { Fleet, type FleetCluster } from './fleet.ts';
