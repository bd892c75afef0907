import { parse } from 'yaml';
import { z } from 'zod';
import { failed, passed, plannedOf, whenPlanned, type Check } from '../check.ts';

const unitFile = '/etc/systemd/system/bulkhead-node.service';

/** What of a node's configuration says whose it is. */
const identity = z.object({ node: z.object({ id: z.string() }), cluster: z.object({ name: z.string() }) });

/** A host carries one node, and it is never taken from another cluster. */
export const existingNode: Check = {
  id: 'existing-node',
  category: 'service',
  applicable: whenPlanned,
  async check(context) {
    const { nodeId, clusterName } = plannedOf(context);
    const { exitCode, stdout } = await context.probe('sh', '-c', 'cat /etc/bulkhead/node.yaml 2>/dev/null');
    if (exitCode !== 0) {
      // one of ours that has lost its configuration is put right; anybody else's would be replaced
      const unit = await context.probe('sh', '-c', 'cat "$1" 2>/dev/null', 'sh', unitFile);
      if (unit.exitCode === 0 && !unit.stdout.includes('Description=Bulkhead artifact node ')) return failed(`${unitFile} is there, and not of this app`, `Give that service another name, or take it away: systemctl disable --now bulkhead-node && rm ${unitFile}`);
      return passed('There is no node on this host');
    }
    const { node: { id }, cluster: { name: cluster } } = identityIn(stdout);
    if (id === nodeId && cluster === clusterName) return passed(`${nodeId} of "${clusterName}" is installed here`);
    return failed(`This host carries ${id} of the cluster "${cluster}"`, 'Remove that node first, from the app that installed it.');
  },
};

/** The file was written by an app, or by hand. */
function identityIn(text: string): z.infer<typeof identity> {
  try {
    return identity.parse(parse(text));
  } catch {
    return { node: { id: 'an unknown node' }, cluster: { name: 'unknown' } };
  }
}
