export { ClusterWatch } from './cluster-watch.ts';
export type { LocalSight } from './local-sight.ts';
export { summarize } from './summarize.ts';
export { vitalsOf } from './draw-details.ts';
export type { HostSight } from './observation.ts';
