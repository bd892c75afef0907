import type { RunDetail } from '../../../electron/contract/index.ts';

type Command = RunDetail['commands'][number];
export interface FakeStep { readonly step: string; readonly title: string; readonly ms: number; readonly commands: readonly Command[] }

const ran = (step: string, phase: string, command: string, durationMs: number, lastLines = '', exitCode = 0): Command => ({ step, phase, command, exitCode, durationMs, lastLines });
const found = (line: string): Command => ran('preflight', 'apply', 'found', 0, line);
const release = '/opt/bulkhead/releases/1.4.0-c41d77e2';

/** What provisioning does on a host, with what hosts answer. */
export const provisionSteps: readonly FakeStep[] = [
  { step: 'preflight', title: 'Check the host', ms: 1_240, commands: [
    ran('preflight', 'apply', 'uname -sm', 11, 'Linux x86_64'), ran('preflight', 'apply', 'systemctl --version', 14, 'systemd 252 (252.30-1~deb12u2)'),
    ran('preflight', 'apply', 'df -Pk /opt', 9, 'Filesystem     1024-blocks    Used Available Capacity Mounted on\n/dev/sda1         40503680 8123456  30298112      22% /'),
    found('passed  disk: 31 GB free in /opt'), found('passed  database-port: db.lan:5432 answers'), found('warning  clock: 84 ms behind the database'), found('passed  filestore-mount: nas.lan:/export/artifacts (nfs4, hard)'),
  ] },
  { step: 'home', title: 'Make /opt/bulkhead', ms: 90, commands: [ran('home', 'probe', 'test -d /opt/bulkhead/releases', 8, '', 1), ran('home', 'apply', 'sudo -n install -d -m 755 /opt/bulkhead', 12), ran('home', 'apply', 'sudo -n install -d -m 755 /opt/bulkhead/releases', 11)] },
  { step: 'runtime', title: 'Install the runtime', ms: 3_420, commands: [ran('runtime', 'probe', `sha256sum -c --status ${release}/node`, 7, '', 1), ran('runtime', 'apply', `upload node (122486320 bytes) to ${release}/node`, 3_280), ran('runtime', 'verify', `sha256sum -c --status ${release}/node`, 96)] },
  { step: 'bundle', title: 'Install the node', ms: 210, commands: [ran('bundle', 'probe', `sha256sum -c --status ${release}/bulkhead-node.cjs`, 7, '', 1), ran('bundle', 'apply', `upload bulkhead-node.cjs (3914022 bytes) to ${release}/bulkhead-node.cjs`, 160)] },
  { step: 'user', title: 'Create the service user', ms: 130, commands: [ran('user', 'probe', 'getent passwd 8081', 9, '', 2), ran('user', 'apply', 'sudo -n useradd --system --uid 8081 --gid 8081 --no-create-home --shell /usr/sbin/nologin bulkhead', 88)] },
  { step: 'filestore', title: 'Make /srv/artifacts usable for the service user', ms: 60, commands: [ran('filestore', 'probe', 'setpriv --reuid=8081 --regid=8081 --clear-groups test -w /srv/artifacts', 14)] },
  { step: 'config-folder', title: 'Make /etc/bulkhead', ms: 40, commands: [ran('config-folder', 'apply', 'sudo -n install -d -m 755 /etc/bulkhead', 13)] },
  { step: 'cluster-key', title: 'Write the cluster key', ms: 55, commands: [ran('cluster-key', 'apply', 'write /etc/bulkhead/cluster.key (600, from standard input)', 21)] },
  { step: 'database-password', title: 'Write the database password', ms: 52, commands: [ran('database-password', 'apply', 'write /etc/bulkhead/database.password (600, from standard input)', 20)] },
  { step: 'config', title: 'Write the configuration', ms: 58, commands: [ran('config', 'apply', 'write /etc/bulkhead/node.yaml (644, from standard input)', 22)] },
  { step: 'current', title: 'Make 1.4.0-c41d77e2 the current release', ms: 31, commands: [ran('current', 'apply', 'ln -sfn releases/1.4.0-c41d77e2 /opt/bulkhead/current', 9)] },
  { step: 'database', title: 'Sign in to the database from the host', ms: 420, commands: [ran('database', 'apply', 'bulkhead-node check-database --config /etc/bulkhead/node.yaml --json', 402, '{"serverVersion":"18.1","roundTripMs":1,"budget":87,"granted":78,"mayCreate":true}')] },
  { step: 'journal', title: 'Limit the journal of the node', ms: 60, commands: [ran('journal', 'apply', 'write /etc/systemd/journald@bulkhead.conf (644, from standard input)', 20)] },
  { step: 'unit', title: 'Write the unit', ms: 70, commands: [ran('unit', 'apply', 'write /etc/systemd/system/bulkhead-node.service (644, from standard input)', 21), ran('unit', 'apply', 'sudo -n systemctl daemon-reload', 38)] },
  { step: 'start', title: 'Start the node', ms: 640, commands: [ran('start', 'apply', 'sudo -n systemctl enable --now bulkhead-node.service', 512, 'Created symlink /etc/systemd/system/multi-user.target.wants/bulkhead-node.service')] },
  { step: 'first-admin', title: 'Create the first administrator', ms: 210, commands: [ran('first-admin', 'apply', 'bulkhead-node init-admin --config /etc/bulkhead/node.yaml --json', 198, '(not recorded: it holds a secret)')] },
  { step: 'prove', title: 'Prove that the node serves', ms: 1_380, commands: [ran('prove', 'apply', 'bulkhead-node check-serving --config /etc/bulkhead/node.yaml --wait 60 --json', 1_350, '{"state":"serving","member":true,"grant":26,"readBack":"written here, read through art-1"}')] },
];

export const removalSteps: readonly FakeStep[] = [
  { step: 'stop', title: 'Drain and stop the node', ms: 4_100, commands: [ran('stop', 'apply', 'sudo -n systemctl disable --now bulkhead-node.service', 4_020)] },
  { step: 'unit', title: 'Remove the unit', ms: 90, commands: [ran('unit', 'apply', 'sudo -n rm -f /etc/systemd/system/bulkhead-node.service', 12)] },
  { step: 'config', title: 'Remove the configuration', ms: 30, commands: [ran('config', 'apply', 'sudo -n rm -rf /etc/bulkhead', 12)] },
  { step: 'releases', title: 'Remove all releases', ms: 160, commands: [ran('releases', 'apply', 'sudo -n rm -rf --one-file-system /opt/bulkhead', 140)] },
  { step: 'user', title: 'Remove the service user', ms: 70, commands: [ran('user', 'apply', 'sudo -n userdel bulkhead', 55)] },
];

export const nodeJournal: Command = ran('prove', 'apply', 'sudo -n journalctl --unit bulkhead-node.service --lines 20 --no-pager --output cat', 31, [
  'Started bulkhead-node.service - Bulkhead node art-5.',
  '{"level":"info","msg":"joining artifacts-berlin"}',
  '{"level":"warn","msg":"the filestore belongs to cluster 5f0e…, this node to 91ab…"}',
  'FILESTORE_FOREIGN: The filestore belongs to another cluster',
  'bulkhead-node.service: Main process exited, code=exited, status=78/CONFIG',
].join('\n'));

export const failedProof: Command = ran('prove', 'apply', 'bulkhead-node check-serving --config /etc/bulkhead/node.yaml --wait 60 --json', 60_020, '{"error":{"code":"NOT_SERVING","message":"The node did not join within 60 s"}}', 69);
