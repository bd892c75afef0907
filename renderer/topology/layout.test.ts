import { describe, expect, it } from 'vitest';
import { capacityFor, layoutTopology, wireToBus, wireToNode, type Box, type TopologyLayout } from './layout.ts';
import { walk, type Stop } from './walk.ts';
import { flowOf } from './flow.ts';
import { inOrder } from './node-order.ts';

const stages = [{ width: 672, height: 618 }, { width: 880, height: 818 }, { width: 1830, height: 1340 }];
const layout = (nodes: number, freePlace: boolean, stage = stages[1] ?? { width: 0, height: 0 }): TopologyLayout => layoutTopology({ ...stage, nodes, freePlace, unit: 1 });
const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the layout of the picture', () => {
  it.each(stages)('lets no card overlap another or leave the stage: $width × $height', (stage) => {
    for (let nodes = 1; nodes <= 9; nodes += 1) {
      const { balancer, slots, database, filestore, width, height } = layout(nodes, nodes < 9, stage);
      const all = [balancer, ...slots, database, filestore];
      for (const [index, box] of all.entries()) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
        for (const other of all.slice(index + 1)) expect(overlap(box, other)).toBe(false);
      }
    }
  });

  it('gives a new node the free place, so that no other one moves', () => {
    for (const nodes of [2, 4, 6, 7, 8]) {
      if (capacityFor(nodes, true) !== capacityFor(nodes + 1, nodes + 1 < 9)) continue;
      expect(layout(nodes + 1, nodes + 1 < 9).slots.slice(0, nodes + 1)).toEqual(layout(nodes, true).slots);
    }
    expect(layout(3, true).slots.slice(0, 3)).toEqual(layout(2, true).slots);
  });

  it('fits a laptop without scrolling up to four places', () => {
    expect(layout(3, true, { width: 672, height: 618 }).height).toBe(618);
  });

  it('scales with the text', () => {
    const once = layoutTopology({ width: 900, height: 800, nodes: 3, freePlace: true, unit: 1 });
    const twice = layoutTopology({ width: 1800, height: 1600, nodes: 3, freePlace: true, unit: 2 });
    expect(twice.slots[0]).toEqual(Object.fromEntries(Object.entries(once.slots[0] ?? {}).map(([name, value]) => [name, value * 2])));
  });

  it('leads wires of a lower row around the cards of the upper one', () => {
    const nine = layout(9, false);
    const upper = nine.slots[1];
    const corner = Number(/V([\d.]+)Q([\d.]+)/.exec(wireToNode(nine, 6))?.[2]);
    expect(nine.rows).toBe(2);
    expect(corner).toBeLessThan(upper?.x ?? 0);
    expect(wireToBus(nine, 6)).toBe(`M${(nine.slots[6]?.x ?? 0) + (nine.slots[6]?.width ?? 0) / 2} ${(nine.slots[6]?.y ?? 0) + (nine.slots[6]?.height ?? 0)}V${nine.busY}`);
  });
});

describe('walking with arrow keys', () => {
  const { balancer, slots, database, filestore } = layout(3, true);
  const stops: Stop[] = [{ key: 'balancer', box: balancer }, ...slots.slice(0, 3).map((box, index) => ({ key: `node-${index + 1}`, box })), { key: 'database', box: database }, { key: 'filestore', box: filestore }];

  it.each([
    ['node-1', 'ArrowRight', 'node-2'], ['node-3', 'ArrowRight', 'node-3'], ['node-2', 'ArrowLeft', 'node-1'], ['node-2', 'ArrowUp', 'balancer'],
    ['node-1', 'ArrowDown', 'database'], ['node-3', 'ArrowDown', 'filestore'], ['database', 'ArrowRight', 'filestore'], ['balancer', 'ArrowUp', 'balancer'],
  ] as const)('%s, %s: %s', (from, key, to) => {
    expect(walk(stops, from, key)).toBe(to);
  });
  it('begins at the first stop when the focus was nowhere', () => {
    expect(walk(stops, 'gone', 'ArrowDown')).toBe('balancer');
  });
});

describe('what a wire shows', () => {
  it('stands still when idle or cut, and runs faster with more', () => {
    expect(flowOf(0).speed).toBe(0);
    expect(flowOf(Number.NaN).speed).toBe(0);
    expect(flowOf(500, true)).toEqual({ cut: true, speed: 0, strength: 0 });
    expect(flowOf(5000).speed).toBeGreaterThan(flowOf(5).speed);
    expect(flowOf(1e9).strength).toBe(1);
  });
});

it('orders nodes by name, numbers counted', () => {
  expect(inOrder([{ nodeId: 'node-10' }, { nodeId: 'node-2' }]).map(({ nodeId }) => nodeId)).toEqual(['node-2', 'node-10']);
});
