import { parse } from 'yaml';
import { z } from 'zod';
import { failed, passed, plannedOf, whenPlanned, type Check, type CheckContext, type PlannedNode } from '../check.ts';

const unitFile = '/etc/systemd/system/bulkhead-node.service';

/** What of a node's configuration says whose it is. */
const place = z.object({ host: z.string(), port: z.number().default(5432), name: z.string() });
const identity = z.object({ node: z.object({ id: z.string() }), cluster: z.object({ name: z.string() }), database: place.optional() });
/** SHA-256 of the key that the node on the host goes by. */
const keyDigest = 'printf %s "$(head -n 1 /etc/bulkhead/cluster.key 2> /dev/null)" | sha256sum | cut -d " " -f 1';

/** A host carries one node, and it is never taken from another cluster. */
export const existingNode: Check = {
  id: 'existing-node',
  category: 'service',
  applicable: whenPlanned,
  async check(context) {
    const { nodeId, clusterName, database } = plannedOf(context);
    const { exitCode, stdout } = await context.probe('sh', '-c', 'cat /etc/bulkhead/node.yaml 2>/dev/null');
    if (exitCode !== 0) {
      // one of ours that has lost its configuration is put right; anybody else's would be replaced
      const unit = await context.probe('sh', '-c', 'cat "$1" 2>/dev/null', 'sh', unitFile);
      if (unit.exitCode === 0 && !unit.stdout.includes('Description=Bulkhead artifact node ')) return failed(`${unitFile} is there, and not of this app`, `Give that service another name, or take it away: systemctl disable --now bulkhead-node && rm ${unitFile}`);
      return passed('There is no node on this host');
    }
    const { node: { id }, cluster: { name: cluster }, database: its } = identityIn(stdout);
    // another cluster may have the same name, and a node of the same name; one and the same may have another address of its database, or another key
    if (id === nodeId && cluster === clusterName && its !== undefined && !isSamePlace(its, database) && !await hasKey(context)) {
      return failed(`This host carries ${id} of another cluster "${cluster}", whose database is ${its.name} at ${its.host}:${String(its.port)}`, 'Remove that node first, from the app that installed it.', 'Where that app is gone, adopt that cluster from this host, and remove the node then.');
    }
    if (id === nodeId && cluster === clusterName) return passed(`${nodeId} of "${clusterName}" is installed here`);
    return failed(`This host carries ${id} of the cluster "${cluster}"`, 'Remove that node first, from the app that installed it.');
  },
};

function isSamePlace(one: z.infer<typeof place>, other: PlannedNode['database']): boolean {
  return one.host === other.host && one.port === other.port && one.name === other.name;
}

/** The node on the host has the key that the planned one is to get. */
async function hasKey({ probe, clusterKeyDigest }: CheckContext): Promise<boolean> {
  return (await probe('sh', '-c', keyDigest)).stdout.trim() === await clusterKeyDigest();
}

/** The file was written by an app, or by hand. */
function identityIn(text: string): z.infer<typeof identity> {
  try {
    return identity.parse(parse(text));
  } catch {
    return { node: { id: 'an unknown node' }, cluster: { name: 'unknown' } };
  }
}
