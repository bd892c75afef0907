import type { Planned } from '../../electron/contract/index.ts';
import { productNames } from '../balancer/balancer-words.ts';

/** What a plan is about, beside others: a host may carry a node and the balancer in front of it. */
export function planName({ host, product }: Pick<Planned, 'host' | 'product'>): string {
  return product === undefined ? host : `${productNames[product]} on ${host}`;
}

type Step = Planned['steps'][number];

/** The commands of a step as one would read them in a terminal: what is looked at first, then what is done. */
export function stepText({ probe, apply }: Pick<Step, 'probe' | 'apply'>): string {
  return [...probe.map((line) => `# already so, if this succeeds\n${line}`), ...apply].join('\n');
}
