import { describe, expect, it } from 'vitest';
import { balancerOptions, BulkheadError, type Balancer, type Handlers, type LanCluster, type Planned, type RunSummary } from '../../../contract/index.ts';
import { runBulkhead } from '../../testing/run-bulkhead.ts';
import { exitCodes } from '../exit-codes.ts';

const created: LanCluster = {
  clusterId: 'c', nodes: [], settings: {
    name: 'art', database: { host: 'db', port: 5432, name: 'bulkhead', user: 'bulkhead', pool: { min: 5, max: 20 }, keepForOthers: 5 }, filestore: '/srv/art', nodePort: 8081, trustedProxies: [],
    serviceUid: 8081, serviceGid: 8081, drainNoticeMs: 3000, drainDeadlineMs: 60_000,
  },
};
const run = (nodeId: string): RunSummary => ({ runId: `${nodeId}-0123456789`, kind: 'provision', clusterId: 'c', hostId: nodeId, nodeId, state: 'done', startedAt: 0, endedAt: 1, failure: null, changed: 2, steps: [] });
const plan: Planned = { nodeId: 'one', host: 'one', steps: [], script: '#!/bin/sh\necho all\n' };
const front: Balancer = {
  balancerId: 'b', clusterId: 'c', hostId: 'front', host: 'front', product: 'haproxy', options: balancerOptions.parse({}), url: 'http://front:8080', appliedAt: null, appliedBackends: [], outdated: true,
  limits: { summary: '', canFail: [], holds: [] },
};
const create = ['cluster', 'create', 'art', '--database-host', 'db', '--filestore', '/srv/art'];

/** Answers as the control room would that knows the hosts one, two and front, and remembers what was asked, in order. */
function room(failing?: string): { asked: [string, unknown][]; handlers: Partial<Handlers> } {
  const asked: [string, unknown][] = [];
  const answering = (name: string, answer: unknown) => async (args: { hostIds?: string[]; balancer?: { hostId: string } }): Promise<never> => {
    asked.push([name, args]);
    const unknown = [...args.hostIds ?? [], ...(args.balancer === undefined ? [] : [args.balancer.hostId])].find((host) => !['one', 'two', 'front'].includes(host));
    if (unknown !== undefined) throw new BulkheadError('HOST_NOT_FOUND', `There is no host "${unknown}"`);
    if (name === failing) throw new BulkheadError('INTERNAL', 'it broke', { hint: 'Mend it.' });
    return answer as never;
  };
  return { asked, handlers: Object.fromEntries(Object.entries({ 'clusters.create': created, 'newCluster.plan': [plan], 'nodes.plan': [plan], 'balancers.list': [], 'balancers.assign': front, 'nodes.provision': [run('one'), run('two')] }).map(([name, answer]) => [name, answering(name, answer)])) };
}

describe('cluster create with nodes', () => {
  it('writes the cluster down, puts a balancer in front, and makes nodes: in one line', async () => {
    const { asked, handlers } = room();
    const { code, json } = await runBulkhead([...create, '--nodes', 'one', 'two', '--balancer', 'front=haproxy', '--accept', 'latency', '--json'], handlers);
    expect([code, json]).toEqual([exitCodes.ok, [run('one'), run('two')]]);
    expect(asked).toMatchObject([
      ['newCluster.plan', { hostIds: ['one', 'two'], balancer: { hostId: 'front', product: 'haproxy' } }],
      ['clusters.create', { name: 'art', filestore: '/srv/art' }], ['balancers.assign', { clusterId: 'art', hostId: 'front', product: 'haproxy' }],
      ['nodes.provision', { clusterId: 'art', hostIds: ['one', 'two'], acceptWarnings: ['latency'] }],
    ]);
  });

  it('shows the plan, and writes nothing', async () => {
    const { asked, handlers } = room();
    expect((await runBulkhead([...create, '--nodes', 'one', '--balancer', 'front', '--plan', '--script'], handlers)).out).toBe('#!/bin/sh\necho all\n\n');
    expect(asked).toMatchObject([['newCluster.plan', { hasDatabasePassword: false, hostIds: ['one'], cluster: { name: 'art' }, balancer: { hostId: 'front', product: 'nginx' } }]]);
  });

  it.each([
    [['one', 'tow'], 'front=nginx', 'tow'], [['one'], 'frnt=nginx', 'frnt'], [['one'], 'front=ngnix', 'front=ngnix'], [['one'], '=nginx', '=nginx'],
  ])('writes nothing where a word is misspelt: %j behind %s', async (hosts, balancer, named) => {
    for (const more of [[], ['--plan']]) {
      for (const line of [[...create, '--nodes'], ['node', 'provision', '--cluster', 'art']]) {
        const { asked, handlers } = room();
        const { code, err } = await runBulkhead([...line, ...hosts, '--balancer', balancer, ...more], handlers);
        expect(code).not.toBe(exitCodes.ok);
        expect(err).toContain(`"${named}"`);
        expect(asked.filter(([name]) => !/\.(?:plan|list)$/.test(name))).toEqual([]);
      }
    }
  });

  it.each(['balancers.assign', 'nodes.provision'])('says how to go on when %s fails', async (failing) => {
    const { err } = await runBulkhead([...create, '--nodes', 'one', 'two', '--balancer', 'front=haproxy', '--accept', 'latency'], room(failing).handlers);
    expect(err).toContain('INTERNAL: it broke\n  Mend it. The cluster is written down; its nodes are made with "bulkhead node provision one two --cluster art --balancer front=haproxy --accept latency".\n');
  });

  it.each([[['--balancer', 'front=nginx']], [['--plan']], [['--accept', 'latency']]])('refuses %j alone', async (more) => {
    const { asked, handlers } = room();
    const { code, err } = await runBulkhead([...create, ...more], handlers);
    expect([code, err]).toEqual([exitCodes.usage, expect.stringContaining('needs --nodes')]);
    expect(asked).toEqual([]);
  });
});
