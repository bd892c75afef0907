import { expect, it } from 'vitest';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { freeForOneMore, grantSum } from './budget-words.ts';
import { holders } from './holders.ts';

const grant = (nodeId: string, pool: number, control: number) => ({ nodeId, incarnation: nodeId, pool, control, observed: 0 });

it('shows equal grants as a product and others as a sum', () => {
  expect(grantSum({ granted: 78, grants: [grant('a', 25, 1), grant('b', 25, 1), grant('c', 25, 1)] })).toBe('3 × (25 + 1) = 78');
  expect(grantSum({ granted: 47, grants: [grant('a', 25, 1), grant('b', 20, 1)] })).toBe('26 + 21 = 47');
  expect(grantSum({ granted: 0, grants: [] })).toBe('0');
});

it('says of what a shortage is', () => {
  expect(freeForOneMore({ free: 9, minimumPerNode: 26 }, null)).toEqual({ fits: false, needs: 26, words: '9, so 17 short' });
  expect(freeForOneMore({ free: 30, minimumPerNode: 26 }, null)).toEqual({ fits: true, needs: 26, words: '30' });
});

it('lists a grant of a gone incarnation as held by nobody present', () => {
  const picture = new FakeCluster('running').topology();
  const present = picture.nodes[0]?.nodeId ?? '';
  const rows = holders({ grants: [...(picture.database?.grants ?? []), grant(present, 5, 1)] }, picture.nodes);
  expect(rows).toHaveLength(4);
  expect(rows.filter(({ note }) => note !== null).map(({ pool }) => pool)).toEqual([null]);
});
