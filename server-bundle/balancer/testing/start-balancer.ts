import { pino } from 'pino';
import { Balancer } from '../balancer.ts';
import { balancerConfig, type BalancerConfig } from '../config.ts';
import type { FakeNode } from './fake-node.ts';

export interface RunningBalancer extends AsyncDisposable {
  readonly balancer: Balancer;
  readonly url: string;
  readonly port: number;
  readonly config: BalancerConfig;
}

/** A balancer on a free port in front of some fake nodes; resolves when it has heard of each of them. */
export async function startBalancer(nodes: readonly FakeNode[], settings: Record<string, unknown> = {}): Promise<RunningBalancer> {
  const config = balancerConfig.parse({
    listen: { port: 0 },
    health: { intervalMs: 50, timeoutMs: 1000 },
    ...settings,
    backends: nodes.map((node) => ({ nodeId: node.nodeId, url: node.url })),
  });
  const balancer = new Balancer(config, pino({ level: process.env['TEST_LOG'] ?? 'silent' }));
  await balancer.start();
  await until(() => balancer.backends.all.every((backend) => backend.health !== 'unknown'));
  return {
    balancer,
    config,
    port: balancer.port,
    url: `http://127.0.0.1:${String(balancer.port)}`,
    [Symbol.asyncDispose]: () => balancer.stop(AbortSignal.abort()),
  };
}

/** Resolves when a condition holds; the test's own time-out is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
