import { ContractError, type Planned, type PlannedBalancer } from '../../contract/index.ts';
import { assignBalancer } from './balancer-options.ts';
import type { CliContext } from './cli-context.ts';
import { planText, showRuns, tellRuns } from './run-text.ts';

export interface Wanted {
  /** id or name */
  readonly cluster: string;
  readonly hosts: readonly string[];
  readonly balancer?: PlannedBalancer | undefined;
  readonly accept?: readonly string[];
}

/** Makes serving nodes of hosts, and tells of it as it goes. */
export async function provisionNodes(context: CliContext, { cluster, hosts, balancer, accept = [] }: Wanted): Promise<void> {
  const { signal, output } = context;
  const client = await context.client();
  await assignBalancer(client, cluster, balancer, signal);
  const stop = showRuns(client, output);
  try {
    tellRuns(context, await client.call('nodes.provision', { clusterId: cluster, hostIds: [...hosts], acceptWarnings: [...accept] }, { signal }));
  } finally {
    stop();
  }
}

/** Does what comes once a cluster may be written down. An error says how to go on from there. */
export async function sayingHowToGoOn<T>(wanted: Wanted, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const { code, message, hint, details } = error;
    const onwards = `The cluster is written down; its nodes are made with "${provisionLine(wanted)}".`;
    throw new ContractError({ code, message, hint: `${hint} ${onwards}`.trim(), details });
  }
}

function provisionLine({ cluster, hosts, balancer, accept = [] }: Wanted): string {
  return ['bulkhead node provision', ...hosts, `--cluster ${cluster}`, ...(balancer === undefined ? [] : [`--balancer ${balancer.hostId}=${balancer.product}`]), ...(accept.length === 0 ? [] : ['--accept', ...accept])].join(' ');
}

/** What would be done. @param asScript as a shell script for each host */
export function tellPlans({ output }: CliContext, plans: readonly Planned[], asScript: boolean): void {
  output.result(plans, asScript ? plans.map(({ script }) => script).join('\n') : planText(plans));
}
