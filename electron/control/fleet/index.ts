export { demoClusterId, demoFolderOf, rememberDemoFolder } from './demo-entry.ts';
export { Fleet, type FleetCluster } from './fleet.ts';
export { Hosts, type HostAccess } from './hosts.ts';
export { LanClusters } from './lan-clusters.ts';
export { shownKey, trustKey } from './shown-key.ts';
