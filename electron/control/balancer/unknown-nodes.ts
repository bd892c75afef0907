import { z } from 'zod';
import { endpointOf } from '../preflight/index.ts';
import type { CommandResult, RemoteCommand } from '../provision/index.ts';
import { livenessOf, readOurs } from './commands.ts';
import type { BalancerModel } from './model.ts';
import type { ProductPlace } from './place.ts';
import { readStamp } from './stamp.ts';

/** What a member of a cluster says of itself; one that was shut out says something else. */
const member = z.object({ nodeId: z.string(), state: z.enum(['serving', 'draining', 'drained', 'no-database']) });

/**
 * Nodes that the configuration on the host passes requests on to, that are members of the cluster, and that this app does not know: another desktop has
 * added them, and without a word they would get no request any more.
 * @param leaving ids of nodes that this app is about to take away
 */
export async function unknownNodes({ backends }: BalancerModel, place: ProductPlace, leaving: readonly string[], run: (command: RemoteCommand) => Promise<CommandResult>): Promise<string[]> {
  const there = readStamp((await run(readOurs(place))).stdout)?.stamp.backends ?? [];
  const missing = there.filter(({ nodeId }) => !leaving.includes(nodeId) && backends.every((each) => each.nodeId !== nodeId));
  const found = await Promise.all(missing.map(async ({ nodeId, url }) => {
    const { host, port } = endpointOf(url);
    return memberIn((await run(livenessOf(host, port))).stdout) === nodeId ? [`${nodeId} (${url})`] : [];
  }));
  return found.flat();
}

function memberIn(answer: string): string | null {
  try {
    return member.parse(JSON.parse(/\{.*\}/.exec(answer)?.[0] ?? '')).nodeId;
  } catch {
    return null;
  }
}
