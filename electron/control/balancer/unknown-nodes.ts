import { endpointOf, tryTcp } from '../preflight/index.ts';
import { asRoot, type CommandResult, type RemoteCommand } from '../provision/index.ts';
import { readOurs } from './commands.ts';
import type { BalancerModel } from './model.ts';
import type { ProductPlace } from './place.ts';
import { readStamp } from './stamp.ts';

/**
 * Nodes that the configuration on the host passes requests on to, that can be reached there, and that this app does not know: another desktop has
 * added them, and without a word they would get no request any more.
 * @param leaving ids of nodes that this app is about to take away
 */
export async function unknownNodes({ backends }: BalancerModel, place: ProductPlace, leaving: readonly string[], run: (command: RemoteCommand) => Promise<CommandResult>): Promise<string[]> {
  const there = readStamp((await run(readOurs(place))).stdout)?.stamp.backends ?? [];
  const missing = there.map(({ nodeId, url }) => ({ nodeId, url, ...endpointOf(url) }))
    // one that goes by another name now is no other node
    .filter(({ nodeId, host, port }) => !leaving.includes(nodeId) && !backends.some((each) => each.nodeId === nodeId || (each.host === host && each.port === port)));
  const answers = await Promise.all(missing.map(({ host, port }) => tryTcp((...argv) => run(asRoot(...argv)), host, port)));
  return missing.filter((_, at) => answers[at] === 'answers').map(({ nodeId, url }) => `${nodeId} (${url})`);
}
