export { ClusterWatch } from './cluster-watch.ts';
export type { LocalSight } from './local-sight.ts';
export { summarize } from './summarize.ts';
