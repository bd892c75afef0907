import type { DemoCluster, DemoSight } from './demo/index.ts';
import type { LocalSight } from './supervise/index.ts';

type ProcessSight = LocalSight['processes'] extends ReadonlyMap<string, infer P> ? P : never;

/** What the demo's data folder and this machine's processes say, in the words of supervision. */
export async function lookAtDemo(demo: DemoCluster): Promise<LocalSight> {
  const sight = await demo.look();
  const { layout, lifecycle } = sight;
  const failure = demo.progress.snapshot.value.failure;
  const process = (name: string): ProcessSight => processOf(sight, name);
  const nodes = layout?.nodes ?? [];
  return {
    lifecycle,
    failure: lifecycle === 'failed' && failure !== null ? { code: failure.code, message: failure.message, hint: failure.hint } : null,
    inventory: nodes.map(({ nodeId, port }) => ({ nodeId, url: `http://127.0.0.1:${port}` })),
    processes: new Map(nodes.map(({ nodeId }) => [nodeId, process(nodeId)])),
    databaseProcess: layout === null ? null : process('database').state,
    balancer: layout === null ? null : {
      url: `http://127.0.0.1:${layout.balancer.port}`,
      statusUrl: `http://127.0.0.1:${layout.balancer.statusPort}`,
      process: process('balancer').state,
    },
  };
}

function processOf({ processes, lifecycle }: DemoSight, name: string): ProcessSight {
  const seen = processes.find((known) => known.name === name);
  if (seen === undefined || seen.condition === 'stopped') return { state: lifecycle === 'starting' ? 'starting' : 'stopped', pid: null };
  return { state: lifecycle === 'starting' && seen.condition === 'running' ? 'starting' : seen.condition, pid: seen.pid };
}
