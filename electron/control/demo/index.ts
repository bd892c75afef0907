import { createNodeAgent } from '../node-api/index.ts';
import type { DemoDescription } from '../../contract/index.ts';
import { DemoCluster } from './demo-cluster.ts';
import { defaultDemoFolder } from './folder.ts';
import { detachedLauncher } from './process/index.ts';

export { DemoCluster, type DemoSight } from './demo-cluster.ts';
export { defaultDemoFolder } from './folder.ts';
export { lastLines } from './log-tail.ts';
export type { DemoEnvironment } from './parts.ts';
export { detachedLauncher, runToEnd, type LaunchSpec, type ProcessLauncher } from './process/index.ts';
export { progressAtRest, type Lifecycle } from './progress.ts';

/** The programs that a demo without a control room needs. */
export interface DemoPrograms {
  readonly nodeBundlePath: string;
  readonly nodeRuntimePath: string;
}

export interface DemoStart {
  /** default 3 */
  readonly nodes?: number;
  /** port of the balancer; default 8080, 0 takes a free one */
  readonly port?: number;
  /** default: the app's own */
  readonly dataDir?: string;
  /** true: it belongs to this process, and a start after this process was killed clears it away. Default false. */
  readonly foreground?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (label: string) => void;
}

/** Starts the offline cluster and returns when it serves. For scripts and tests; screens go through the control room. */
export async function startDemo(programs: DemoPrograms, options: DemoStart = {}): Promise<DemoDescription> {
  return withDemo(programs, options.dataDir, async (demo) => {
    const abort = new AbortController();
    const telling = tell(demo, options.onProgress, abort.signal);
    try {
      return await demo.start(
        { nodes: options.nodes ?? 3, port: options.port ?? 8080, foreground: options.foreground ?? false },
        'demo', options.signal ?? new AbortController().signal,
      );
    } finally {
      abort.abort();
      await telling;
    }
  });
}

/** Drains and stops the cluster of a data folder; harmless when nothing runs. */
export async function stopDemo(programs: DemoPrograms, dataDir?: string): Promise<void> {
  await withDemo(programs, dataDir, (demo) => demo.stop('demo', new AbortController().signal));
}

/** Throws DEMO_NOT_RUNNING. */
export async function describeDemo(programs: DemoPrograms, dataDir?: string): Promise<DemoDescription> {
  return withDemo(programs, dataDir, (demo) => demo.describe());
}

async function withDemo<T>(programs: DemoPrograms, dataDir: string | undefined, work: (demo: DemoCluster) => Promise<T>): Promise<T> {
  const agent = createNodeAgent();
  try {
    return await work(new DemoCluster({ ...programs, launcher: detachedLauncher, agent }, dataDir ?? defaultDemoFolder()));
  } finally {
    await agent.destroy();
  }
}

async function tell(demo: DemoCluster, onProgress: ((label: string) => void) | undefined, signal: AbortSignal): Promise<void> {
  if (onProgress === undefined) return;
  let told = '';
  for await (const { label, lifecycle } of demo.progress.snapshot.watch(signal)) {
    if (lifecycle === 'starting' && label !== told) onProgress(label);
    told = label;
  }
}
