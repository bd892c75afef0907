import type { ResultOf } from '../../../electron/contract/index.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { fakeBudget, fakePlan, fakeProgress } from '../fake-records.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** The demo cluster from its plan to its end. */
export function fakeDemo(world: FakeWorld): FakePart {
  const admin = { user: 'admin', password: 'h7Kq-2mXv-9LpT-c4Rw' };
  const describe = (): ResultOf<'demo.describe'> => ({
    balancer: 'http://127.0.0.1:8080', nodes: world.cluster.topology().nodes.map(({ nodeId, url, process }) => ({ nodeId, url, pid: process?.pid ?? null })),
    master: world.cluster.masterId === null ? null : { nodeId: world.cluster.masterId, epoch: world.cluster.epoch }, database: { host: '127.0.0.1', port: 54_329, name: 'bulkhead' }, admin,
  });
  const end = async (): Promise<Record<string, never>> => {
    await wait(900);
    world.progress = fakeProgress('off', 0);
    world.changed();
    return {};
  };
  return {
    answers: {
      'demo.plan': (args) => fakePlan(args.nodes ?? 3, args.port ?? 8080, world.exists),
      'demo.start': async () => {
        for (let step = 0; step < 6; step += 1) {
          world.progress = fakeProgress('starting', step);
          world.changed();
          await wait(700);
        }
        world.cluster = new FakeCluster('idle');
        world.exists = true;
        world.progress = fakeProgress('running', 6);
        world.note('The demo cluster was started', null, 'info');
        return describe();
      },
      'demo.stop': end,
      'demo.reset': async () => {
        world.exists = false;
        return end();
      },
      'demo.describe': describe,
      'demo.node': async ({ nodeId, action }) => {
        await wait(350);
        const { cluster } = world;
        if (action === 'restart') {
          cluster.kill(nodeId);
          cluster.start(nodeId);
        } else if (action === 'stop') cluster.kill(nodeId);
        else cluster[action](nodeId);
        world.note(`${nodeId}: ${action}`, nodeId);
        return {};
      },
      'demo.addNode': async () => {
        await wait(600);
        const room = fakeBudget(world.cluster.database()).oneMoreNode;
        if (!room.fits) throw refusal('CONNECTION_BUDGET_EXHAUSTED', `There is no room for another node: ${room.sentence}`, 'Raise max_connections, or lower the pools.', { free: room.free, needed: room.needs });
        return { nodeId: world.cluster.add() };
      },
      'demo.resetPassword': () => ({ user: 'admin', password: 'v3Nn-8sHb-1QzE-k6Yd' }),
      'demo.database': ({ action }) => {
        if (action === 'kill') world.cluster.killDatabase();
        else world.cluster.startDatabase();
        world.note(`The database: ${action}`);
        return {};
      },
    },
    streams: { 'demo.progress': (_args, send) => world.onChange(() => send(world.progress)) },
  };
}
