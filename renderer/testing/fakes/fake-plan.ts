import type { Planned } from '../../../electron/contract/index.ts';
import { provisionSteps } from './fake-steps.ts';

/** What provisioning a host would do, without secrets. */
export function planOf(nodeId: string, filestore: string): Planned {
  const steps = provisionSteps.map(({ step, title, commands }) => ({
    step, title: title.replace('/srv/artifacts', filestore),
    probe: commands.filter(({ phase }) => phase === 'probe').map(({ command }) => command),
    apply: commands.filter(({ phase, command }) => phase === 'apply' && command !== 'found').map(({ command }) => (command.startsWith('upload') ? `# ${command}` : command)),
    undo: [],
    files: step === 'config' ? [{ path: '/etc/bulkhead/node.yaml', content: `node:\n  id: ${nodeId}\ncluster:\n  keyFile: /etc/bulkhead/cluster.key\nfilestore:\n  path: ${filestore}\n` }]
      : step === 'cluster-key' ? [{ path: '/etc/bulkhead/cluster.key', content: '<the cluster key>' }] : [],
  }));
  return { nodeId, host: nodeId, steps, script: `#!/bin/sh\n# ${nodeId}. Run as root on that host.\nset -eu\nexport LC_ALL=C\n\n${steps.map(({ title, apply }) => `# ${title}\n${apply.join('\n')}`).join('\n\n')}\n` };
}
