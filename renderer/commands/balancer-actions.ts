import type { Balancer, ResultOf, UninformedNodes } from '../../electron/contract/index.ts';
import { productNames } from '../balancer/balancer-words.ts';
import { countOf } from '../format/numbers.ts';
import type { Action } from './action.ts';

export interface BalancerFacts {
  readonly blocked: string | null;
  readonly status: ResultOf<'balancers.status'> | null;
  /** what an apply would change; null while nobody has looked */
  readonly preview: ResultOf<'balancers.preview'> | null;
  /** told what became of it */
  readonly onRun: (run: ResultOf<'balancers.apply'> | null) => void;
}

/** Putting the files on the host, taking the former version back, and taking it all away. */
export function balancerActions(balancer: Balancer, { blocked, status, preview, onRun }: BalancerFacts): Action[] {
  const { balancerId, host } = balancer;
  const product = productNames[balancer.product];
  const subject = `balancer:${balancerId}`;
  const gone = status?.state === 'unreachable' ? `${host} does not answer` : null;
  const nodes = countOf(balancer.appliedBackends.length, 'node');
  const edited = status?.state === 'edited' ? [`What somebody else has changed in the file on ${host} is replaced; the diff shows it.`] : [];
  const changes = preview?.diffs.filter(({ changed }) => changed).map(({ path }) => path) ?? [];
  return [{
    id: `balancers.apply:${balancerId}`, subject, label: status?.state === 'in-step' ? 'Apply again' : 'Apply', progress: `Applying to ${host}`, tone: status?.state === 'in-step' ? 'normal' : 'primary', blocked: blocked ?? gone,
    explanation: `Puts the files on ${host}, has ${product} check them there, and reloads it.`,
    question: {
      title: `Apply to ${product} on ${host}?`,
      does: [
        changes.length === 0 ? 'The files on the host are compared with what is shown here; only what differs is replaced.' : `Replaced: ${changes.join(', ')}.`,
        `${product} checks the new files before they replace the old ones, and is reloaded: no connection is dropped.`,
        'If the check or the reload fails, the old files are put back.',
      ],
      breaks: edited, confirm: 'Apply',
    },
    run: async (client, signal) => onRun(await client.call('balancers.apply', { balancerId }, { signal })),
  }, {
    id: `balancers.undo:${balancerId}`, subject, label: 'Take the former version back', progress: `Taking the former version back on ${host}`, tone: 'normal', blocked: blocked ?? gone ?? (status?.canUndo === false ? 'No former version is kept on the host' : null),
    explanation: `Puts the version before this one back on ${host}.`,
    question: { title: `Take the former version back on ${host}?`, does: ['The files from before the latest apply are checked, put back and reloaded.'], breaks: ['Nodes that have come, gone or been drained since are not known to it.'], confirm: 'Take it back' },
    run: async (client, signal) => onRun(await client.call('balancers.undo', { balancerId }, { signal })),
  }, {
    id: `balancers.remove:${balancerId}`, subject, label: 'Remove', progress: `Removing what is on ${host}`, tone: 'danger', blocked,
    explanation: `Takes away from ${host} what was put there; ${product} itself stays.`,
    question: {
      title: gone === null ? `Remove the balancer from ${host}?` : `Forget the balancer on ${host}?`,
      does: [gone === null ? `The files that were put on ${host} are removed, and ${product} is reloaded. The product stays installed.` : `${host} does not answer: it is only forgotten here, and what is on it stays.`],
      breaks: [`Clients that use ${balancer.url} reach none of the ${nodes} behind it any more.`], confirm: 'Remove', typed: host,
    },
    run: async (client, signal) => onRun(await client.call('balancers.remove', { balancerId, hostGone: gone !== null }, { signal })),
  }];
}

/** Gives nodes that go by a former configuration the present one. */
export function tellNodesAction(clusterId: string, { baseUrl, nodes }: UninformedNodes, { blocked, onRun }: Pick<BalancerFacts, 'blocked' | 'onRun'>): Action {
  const names = nodes.map(({ nodeId }) => nodeId).join(', ');
  const former = nodes.find((node) => node.baseUrl !== baseUrl)?.baseUrl;
  return {
    id: `balancers.tell:${clusterId}`, subject: `cluster:${clusterId}`, label: 'Tell the nodes', progress: `Telling ${names}`, tone: 'normal', blocked,
    explanation: `Gives ${names} the cluster's public address and the proxies to trust.`,
    question: {
      title: `Tell ${countOf(nodes.length, 'node')}?`,
      does: [
        `${names}: the configuration is written anew, and the node drained and restarted, one after the other.`,
        ...(former === undefined || baseUrl === null ? [] : [`Clients are then told ${baseUrl} in place of ${former}.`]),
      ],
      breaks: [], confirm: 'Tell them',
    },
    run: async (client, signal) => onRun((await client.call('nodes.provision', { clusterId, hostIds: nodes.map(({ hostId }) => hostId) }, { signal })).at(-1) ?? null),
  };
}
