import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { planOf } from './plan.ts';
import type { RemoteCommand } from './remote-command.ts';
import type { Step } from './step.ts';
import { stepsOf } from './node-steps.ts';
import { unitFile } from './unit-file.ts';
import { secrets, target, vault } from './testing/target.ts';

const steps = stepsOf('provision', target, secrets, vault(), 'run-1');

function step(id: string): Step {
  const found = steps.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no step ${id}`);
  return found;
}

function applied(id: string): RemoteCommand[] {
  return step(id).apply.flatMap((action) => (action.kind === 'command' ? [action.command] : []));
}

it('goes from the check to the proof, and starts nothing before the host has signed in to the database', () => {
  expect(steps.map(({ id }) => id)).toEqual([
    'preflight', 'home', 'runtime', 'bundle', 'user', 'filestore', 'config-folder', 'cluster-key', 'database-password', 'config', 'current',
    'database', 'journal', 'unit', 'start', 'first-admin', 'prove',
  ]);
});

it('makes the service user with the same numbers everywhere', () => {
  expect(applied('user').map(({ argv }) => argv)).toEqual([
    ['sh', '-c', 'getent group "$1" > /dev/null || groupadd --gid "$2" "$1"', 'sh', 'bulkhead', '8081'],
    ['useradd', '--uid', '8081', '--gid', '8081', '--no-create-home', '--home-dir', '/opt/bulkhead', '--shell', '/usr/sbin/nologin', '--comment', 'Bulkhead node', 'bulkhead'],
  ]);
  expect(step('user').undo.map(({ argv }) => argv.slice(4))).toEqual([['bulkhead', 'Bulkhead node']]);
});

it('uploads a payload under its final name, and only when it is not there', () => {
  expect(step('runtime').probe.map(({ argv }) => argv)).toEqual([[
    'sh', '-c', '[ "$(stat -c %a "$1" 2>/dev/null)" = "$3" ] && echo "$2  $1" | sha256sum -c --status', 'sh',
    '/opt/bulkhead/releases/1.2.3-abcdef01/node', 'aa', '755',
  ]]);
  expect(step('runtime').apply.at(-1)).toEqual({ kind: 'upload', payload: target.release.runtime, to: '/opt/bulkhead/releases/1.2.3-abcdef01/node' });
});

it('switches the release in one step, and back', () => {
  expect(applied('current').map(({ argv }) => argv)).toEqual([[
    'sh', '-c', 'if [ -L "$1" ] && [ ! -e "$3/current" ]; then mkdir -p -m 700 "$3" && readlink "$1" > "$3/current"; fi; ln -sfn "$2" "$1.new" && mv -fT "$1.new" "$1"',
    'sh', '/opt/bulkhead/current', 'releases/1.2.3-abcdef01', '/opt/bulkhead/runs/run-1',
  ]]);
});

it('starts the node again when anything it reads at its start has changed', () => {
  expect(applied('start').map(({ argv }) => argv).slice(1)).toEqual([
    ['systemctl', 'enable', '--quiet', 'bulkhead-node.service'], ['systemctl', 'restart', 'bulkhead-node.service'],
  ]);
  expect(step('start').after).toEqual(['runtime', 'bundle', 'cluster-key', 'database-password', 'config', 'current', 'unit']);
});

it('gives secrets on standard input only: no argument, plan or script holds one', () => {
  const everything = [...steps, ...stepsOf('remove', target, secrets, vault(), 'run-1')];
  const commands = everything.flatMap((each) => [...each.probe, ...each.verify, ...each.undo, ...(each.checkCommands ?? []), ...each.apply.flatMap((action) => (action.kind === 'command' ? [action.command] : []))]);
  const shown = JSON.stringify(commands.map(({ argv }) => argv)) + JSON.stringify(planOf('n1', 'host-1', everything));
  for (const secret of [secrets.clusterKey, secrets.databasePassword ?? '', 'admin-canary']) expect(shown).not.toContain(secret);
  expect(applied('cluster-key').at(-1)?.input?.text).toBe(`${secrets.clusterKey}\n`);
});

it('writes a configuration that names its secrets by file', () => {
  expect(parse(applied('config').at(-1)?.input?.text ?? '')).toEqual({
    node: { id: 'n1', url: 'http://10.0.0.1:8081', listen: { host: '0.0.0.0', port: 8081 } },
    cluster: { name: 'art', keyFile: '/etc/bulkhead/cluster.key' },
    baseUrl: 'http://10.0.0.1:8081',
    database: { host: '10.0.0.9', port: 5432, name: 'bulkhead', user: 'bulkhead', passwordFile: '/etc/bulkhead/database.password', pool: { min: 5, max: 20 }, keepForOthers: 5 },
    filestore: { path: '/srv/bulkhead/filestore' },
    http: { trustedProxies: [] },
    timing: { drainNoticeMs: 3000, drainDeadlineMs: 60_000 },
  });
});

it.each([
  'NoNewPrivileges=yes', 'ProtectSystem=strict', 'PrivateTmp=yes', 'ReadWritePaths=/srv/bulkhead/filestore', 'RequiresMountsFor=/srv/bulkhead/filestore',
  'Restart=always', 'StartLimitIntervalSec=0', 'LimitNOFILE=65536', 'LogRateLimitBurst=20000', 'LogNamespace=bulkhead', 'Environment=MALLOC_ARENA_MAX=2', 'Environment=MALLOC_MMAP_THRESHOLD_=131072', 'Environment=NODE_OPTIONS=--max-semi-space-size=2', 'TimeoutStopSec=78', 'User=bulkhead',
  // the runtime asks for its addresses over it
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
])('has a unit with %s', (line) => {
  expect(unitFile(target).split('\n')).toContain(line);
});

it('tells a plan as a script that stops at the first failure and asks once for what is secret', () => {
  const { script } = planOf('n1', 'host-1', steps);
  expect(script).toContain('set -eu');
  expect(script.split("'the cluster key'")).toHaveLength(2);
  // typed, and not shown
  expect(script.match(/stty -echo [^;]*; IFS= read -r secret/g)).toHaveLength(4);
  expect(script).toContain('gzip -dc "${PAYLOADS:?}/node.gz" > "/opt/bulkhead/releases/1.2.3-abcdef01/node.new"');
});
