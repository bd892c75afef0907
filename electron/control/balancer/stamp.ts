import { createHash } from 'node:crypto';
import { z } from 'zod';
import { balancerBackend, balancerOptions, balancerProduct } from '../../contract/index.ts';
import type { BalancerModel } from './model.ts';

/** What a rendered file says about itself, so that any desktop can tell what it is and whether somebody has changed it. */
export const stamp = z.object({
  cluster: z.string(),
  product: balancerProduct,
  options: balancerOptions,
  backends: z.array(balancerBackend),
});
export type Stamp = z.infer<typeof stamp>;

const lead = '# Written by Bulkhead for the cluster';
const dataMark = '# bulkhead: ';
const digestMark = '# sha256 of what follows: ';

/** The body with two lines before it that say what it is. All texts of a model are free of line breaks. */
export function stamped(model: BalancerModel, body: string): string {
  const { clusterName, product, options, backends } = model;
  const told: Stamp = {
    cluster: clusterName, product, options,
    backends: backends.map(({ nodeId, host, port, draining }) => ({
      nodeId, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, state: draining ? 'draining' : 'serving',
    })),
  };
  const rest = `${dataMark}${JSON.stringify(told)}\n\n${body}`;
  return `${lead} ${clusterName}: changes by hand are replaced.\n${digestMark}${digest(rest)}\n${rest}`;
}

/** Reads what a file says about itself; null when it is not one of ours. `edited`: it is not as it was written. */
export function readStamp(content: string): { stamp: Stamp; edited: boolean } | null {
  const [first = '', second = ''] = content.split('\n', 2);
  if (!first.startsWith(lead) || !second.startsWith(digestMark)) return null;
  const rest = content.slice(first.length + second.length + 2);
  const line = rest.split('\n', 1)[0] ?? '';
  try {
    const told = stamp.parse(JSON.parse(line.slice(dataMark.length)));
    return { stamp: told, edited: digest(rest) !== second.slice(digestMark.length).trim() };
  } catch {
    return null;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text.trimEnd()).digest('hex');
}
