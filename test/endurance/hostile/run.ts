import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { residentBytes } from '../../../bench/framework/meter.ts';
import { startCluster, type TestNode } from '../../harness/cluster.ts';
import { NodeClient } from '../../harness/node-client.ts';
import { killAtExit } from '../../harness/processes.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { spread, type Outcome } from '../outcome.ts';
import type { Assault } from './attacker.ts';
import { attacks, type Target } from './attacks.ts';

export interface HostileRun {
  /** of each attack */
  readonly seconds: number;
  /** hostile ones at once; the node takes twice as many of all clients together */
  readonly connections: number;
}

/** Resident memory that a node may have won when an attack is over, bytes: code that was compiled, and what the collector has not taken yet. */
const spareBytes = 160 * 2 ** 20;
/** What nobody else may wait for an answer, milliseconds: by then a balancer has given the node up. Beside it, the attackers and this process share the machine. */
const longestWaitMs = 10_000;
/** Files and connections that a node may have more than before. */
const spareFiles = 16;

const filesOf = async ({ pid = 0 }: TestNode): Promise<number> => (await readdir(`/proc/${String(pid)}/fd`)).length;

/** What good clients saw. */
class Neighbours {
  readonly milliseconds: number[] = [];
  readonly failures: string[] = [];

  async ask(what: string, ask: () => Promise<{ readonly status: number }>): Promise<void> {
    const begun = performance.now();
    try {
      const { status } = await ask();
      const waited = performance.now() - begun;
      this.milliseconds.push(waited);
      if (waited > longestWaitMs) this.failures.push(`${what} took ${waited.toFixed(0)} ms`);
      if (status !== 200) this.failures.push(`${what} was answered with ${String(status)}`);
    } catch (error) {
      this.failures.push(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** In a process of its own: what it costs the attacker must not look like the node's answer. */
function startAttacker(attack: Assault): { stop(): Promise<void> } {
  const child = fork(join(import.meta.dirname, 'attacker.ts'), [JSON.stringify(attack)]);
  killAtExit(child);
  return {
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Sends each kind of attack at a node, while others ask it for its health and for a file; then looks whether it is as it was. */
export async function hostile({ seconds, connections }: HostileRun, say: (line: string) => void): Promise<Outcome> {
  await using cluster = await startCluster({
    nodes: 1, balancer: false, config: { http: { maxConnections: connections * 2, maxInFlight: Math.max(16, connections), idleTimeoutMs: 2000 } },
  });
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('there is no node');
  const { pid } = node;
  const prepared = [
    node.client.request('/api/repositories/hostile', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rclass: 'local', packageType: 'generic' }) }),
    node.client.request('/api/security/users/mallory', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password: 'a-hostile-password', role: 'deployer' }) }),
  ];
  for (const { status, text } of await Promise.all(prepared)) if (status >= 300) throw new Error(text());
  if ((await node.client.put('/hostile/a.bin', randomBytes(200_000))).status !== 201) throw new Error('the file was not taken');
  const target: Target = {
    port: node.port, login: `Authorization: Basic ${Buffer.from('mallory:a-hostile-password').toString('base64')}\r\n`, file: '/artifactory/hostile/a.bin',
  };
  // one connection each, as a balancer and a build have
  await using balancer = new NodeClient(node.url);
  const failures: string[] = [];
  const facts: Record<string, string> = {};
  for (const attack of attacks) {
    const before = { files: await filesOf(node), bytes: residentBytes(pid ?? 0) };
    const attacker = startAttacker({ name: attack.name, target, connections });
    const [health, files] = [new Neighbours(), new Neighbours()];
    const until = performance.now() + seconds * 1000;
    do {
      await health.ask('the health', () => balancer.get('/api/system/ping'));
      await health.ask('the health, over a new connection', async () => {
        await using stranger = new NodeClient(node.url);
        return await stranger.get('/api/v1/system/liveness');
      });
      await files.ask('a file', () => node.client.get('/hostile/a.bin'));
    } while (performance.now() < until);
    await attacker.stop();
    const begun = performance.now();
    await waitFor(`the node to be as before ${attack.name}`, async () => await filesOf(node) <= before.files + spareFiles && (await node.client.get('/hostile/a.bin')).status === 200, { timeoutMs: 60_000 })
      .catch((error: unknown) => { failures.push(String(error)); });
    const recovered = performance.now() - begun;
    const wonNow = (): number => residentBytes(pid ?? 0) - before.bytes;
    // a node gives back what it does not need once it has been left alone for some ten seconds
    await waitFor('memory to be given back', () => wonNow() <= spareBytes, { timeoutMs: 30_000 }).catch(() => undefined);
    const won = wonNow();
    if (won > spareBytes) failures.push(`${attack.name}: ${String(Math.round(won / 2 ** 20))} MiB more than before`);
    if (node.pid !== pid) failures.push(`${attack.name}: the node has ended`);
    failures.push(...[...health.failures, ...files.failures].map((failure) => `${attack.name}: ${failure}`));
    facts[attack.name] = `health ${spread(health.milliseconds)}; file ${spread(files.milliseconds)}; as before after ${recovered.toFixed(0)} ms; ${(won / 2 ** 20).toFixed(0)} MiB`;
    say(`${attack.name}: ${facts[attack.name] ?? ''}`);
  }
  return { facts, failures };
}
