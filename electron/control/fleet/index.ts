export { demoClusterId, demoFolderOf, rememberDemoFolder } from './demo-entry.ts';
export { Fleet, type FleetCluster } from './fleet.ts';
export { HostConnections } from './host-connections.ts';
export { HostQuestions } from './host-questions.ts';
export { Hosts, type HostAccess, type HostDraft } from './hosts.ts';
export { LanClusters } from './lan-clusters.ts';
export { shownKey, trustKey } from './shown-key.ts';
