import type { Balancer, ResultOf } from '../../../electron/contract/index.ts';
import { backendsOf, fakeDiff, fakeOptions, limitsOf, rendering } from './balancer-records.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Balancers and what they are configured with. */
export function fakeBalancers(world: FakeWorld): FakePart {
  const cluster = world.lan;
  const made = (hostId: string, host: string): Balancer => ({ balancerId: `b-${hostId}`, clusterId: 'berlin', hostId, host, product: 'nginx', options: fakeOptions, url: 'https://art.lan', appliedAt: Date.now() - 7_200_000, appliedBackends: backendsOf(cluster), outdated: world.scenario === 'lan', limits: limitsOf('nginx') });
  let balancers: Balancer[] = world.scenario === 'lan-empty' ? [] : [made('lb', 'lb-1')];
  const find = (balancerId: string): Balancer => {
    const found = balancers.find((known) => known.balancerId === balancerId);
    if (found === undefined) throw refusal('BALANCER_NOT_FOUND', 'There is no such balancer', 'Look at the list again.');
    return found;
  };
  const status = (balancer: Balancer): ResultOf<'balancers.status'> => {
    const behind = balancer.outdated && balancer.appliedAt !== null;
    const gone = world.scenario === 'lan-trouble';
    return {
      balancerId: balancer.balancerId, clusterId: 'berlin', host: balancer.host, product: balancer.product, at: Date.now(), state: gone ? 'unreachable' : balancer.appliedAt === null ? 'missing' : behind ? 'behind' : 'in-step',
      reason: gone ? 'lb-1 does not answer on port 22' : behind ? 'art-3 is being drained, and still gets new requests here' : '', version: gone ? null : 'nginx/1.22.1', running: gone ? null : true, appliedAt: balancer.appliedAt,
      backends: gone ? [] : backendsOf(cluster).map(({ nodeId, url, state }) => ({ nodeId, url, onHost: balancer.appliedAt === null ? null : behind ? 'serving' : state, wanted: state })), canUndo: balancer.appliedAt !== null && !gone,
    };
  };
  const change = (changed: Balancer): Balancer => {
    balancers = [...balancers.filter(({ balancerId }) => balancerId !== changed.balancerId), changed];
    return changed;
  };
  const run = (balancer: Balancer, changed: number): ResultOf<'balancers.apply'> => ({
    runId: `run-${balancer.balancerId}`, kind: 'balancer', clusterId: 'berlin', hostId: balancer.hostId, nodeId: balancer.host, state: 'done', startedAt: Date.now() - 1_900, endedAt: Date.now(), failure: null, changed,
    steps: [['connect', 'Connect'], ['files', 'Put the files beside the old ones'], ['check', 'Let nginx check them'], ['reload', 'Reload without dropping a connection'], ['prove', 'Ask the cluster through it']].map(([step = '', title = '']) => ({ step, title, state: 'done', touched: step === 'files', durationMs: 300 })),
  });
  return {
    answers: {
      'balancers.list': async () => {
        if (world.scenario === 'slow') await wait(60_000);
        return balancers;
      },
      'balancers.render': ({ product, options }) => rendering(cluster, product, { ...fakeOptions, ...options } as typeof fakeOptions),
      'balancers.export': ({ product, options }) => ({ files: [...rendering(cluster, product, { ...fakeOptions, ...options } as typeof fakeOptions).files.map(({ path, content }) => ({ name: path.split('/').at(-1) ?? path, content })), { name: 'README.md', content: '# artifacts-berlin\n\nPut bulkhead-berlin.conf into /etc/nginx/conf.d, run `nginx -t`, reload.\n' }] }),
      'balancers.assign': async ({ hostId, product, options }) => {
        await wait(300);
        return change({ ...(balancers.find((known) => known.hostId === hostId) ?? { ...made(hostId, hostId.replace('host-', '')), appliedAt: null }), product, options: { ...fakeOptions, ...options } as typeof fakeOptions, outdated: true, limits: limitsOf(product) });
      },
      'balancers.preview': async ({ balancerId }) => {
        await wait(400);
        const balancer = find(balancerId);
        if (world.scenario === 'lan-trouble') throw refusal('HOST_UNREACHABLE', 'lb-1 does not answer on port 22', 'Is it switched on, and on this network?');
        const shown = rendering(cluster, balancer.product, balancer.options);
        return { ...shown, balancerId, host: balancer.host, at: Date.now(), version: 'nginx/1.22.1', diffs: [{ path: shown.files[0]?.path ?? '', before: 'x', after: shown.files[0]?.content ?? '', changed: balancer.outdated, unified: balancer.outdated ? fakeDiff : '' }], changed: balancer.outdated };
      },
      'balancers.apply': async ({ balancerId }) => {
        await wait(1_600);
        const before = find(balancerId);
        change({ ...before, outdated: false, appliedAt: Date.now(), appliedBackends: backendsOf(cluster) });
        return run(before, before.outdated ? 2 : 0);
      },
      'balancers.undo': async ({ balancerId }) => {
        await wait(1_200);
        return run(change({ ...find(balancerId), outdated: true }), 2);
      },
      'balancers.remove': async ({ balancerId }) => {
        await wait(600);
        const before = find(balancerId);
        balancers = balancers.filter((known) => known.balancerId !== balancerId);
        return run(before, 1);
      },
      'balancers.status': async ({ balancerId }) => {
        await wait(300);
        return status(find(balancerId));
      },
      'balancers.uninformed': () => ({
        baseUrl: 'https://art.lan',
        nodes: world.scenario !== 'lan' ? [] : ['art-1', 'art-2'].map((nodeId) => ({ nodeId, hostId: `host-${nodeId}`, host: nodeId, baseUrl: 'http://10.0.4.11:8081', untrusted: ['10.0.4.9'], stale: [] })),
      }),
      'balancers.follow': () => balancers.map((balancer) => run(balancer, 0)),
    },
    streams: {},
  };
}
