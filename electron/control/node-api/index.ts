export type { StoredExplanation, StoredGroup, StoredPermission, StoredToken, StoredUser } from './access-api.ts';
export { askAnyNode, type ClusterAccess, type NodeAddress } from './cluster-access.ts';
export type { CountedRepository, Deployed, ListedRepository, StoredItem } from './content-api.ts';
export { NodeApi, type EventStreamItem } from './node-api.ts';
export { createNodeAgent, type Credentials, type FindWay } from './node-connection.ts';
