import type { BalancerProduct, Planned } from '../../../electron/contract/index.ts';
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

/** What putting a product in front of nodes would do on its host. */
export function balancerPlanOf(host: string, product: BalancerProduct): Planned {
  const [file, check, unit] = ({
    nginx: ['/etc/nginx/conf.d/bulkhead-artifacts-lab.conf', 'nginx -t -q', 'nginx'], haproxy: ['/etc/haproxy/haproxy.cfg', 'haproxy -c -q -f /etc/haproxy/haproxy.cfg', 'haproxy'], apache: ['/etc/apache2/sites-enabled/bulkhead-artifacts-lab.conf', 'apachectl configtest', 'apache2'],
  } as const)[product];
  const step = (id: string, title: string, apply: string[], files: Planned['steps'][number]['files'] = []): Planned['steps'][number] => ({ step: id, title, probe: [], apply, undo: [], files });
  const steps = [
    step('preflight', 'Check the balancer\'s host', []), step('check', 'Let it check the new configuration', [check], [{ path: file, content: '# artifacts-lab, written by Bulkhead.\n' }]),
    step('put', 'Put it in place and reload', [`systemctl reload ${unit}.service`]), step('answer', 'Prove that it passes requests on', ['timeout 5 bash -c …']),
  ];
  return { nodeId: host, host, product, steps, script: `#!/bin/sh\n# ${product} on ${host}. Run as root on that host.\nset -eu\n\n${check}\nsystemctl reload ${unit}.service\n` };
}
