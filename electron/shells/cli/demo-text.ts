import type { ContractClient, DemoDescription } from '../../contract/index.ts';
import type { Output } from './output.ts';
import { table } from './table.ts';

/** The running demo for a person: where it serves, who is master, how to sign in and deploy. */
export function describeDemo(demo: DemoDescription): string {
  const { master, database, admin } = demo;
  const nodes = demo.nodes.map((node) => [node.nodeId, node.url, node.pid, node.nodeId === master?.nodeId ? `master, epoch ${master.epoch}` : '']);
  return `balancer  ${demo.balancer}
database  ${database.name} at ${database.host}:${database.port}
user      ${admin.user}
password  ${admin.password}

${table(['node', 'address', 'pid', 'role'], nodes)}

Try it:   curl -u ${admin.user} -T FILE ${demo.balancer.replace(/\/$/, '')}/artifactory/generic-local/FILE`;
}

/** Tells each step of a start or stop once. Returns the function that ends the telling. */
export function showProgress(client: ContractClient, output: Output): () => void {
  let told = '';
  return client.subscribe('demo.progress', {}, {
    item: (progress) => {
      if ((progress.lifecycle !== 'starting' && progress.lifecycle !== 'stopping') || progress.stepCount === 0) return;
      const line = `${progress.stepIndex}/${progress.stepCount}  ${progress.label}`;
      if (line !== told) output.progress(line);
      told = line;
    },
    // the command under way reports what went wrong
    error: () => undefined,
  });
}
