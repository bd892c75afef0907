import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds, residentBytes } from '../framework/meter.ts';
import { alone } from '../framework/rounds.ts';
import type { Row } from '../framework/row.ts';
import { startOurs } from '../peers/ours.ts';

export const idle: Row = {
  name: 'idle',
  title: 'An idle node, and its start',
  run: async ({ rounds, seconds }) => {
    await using ours = await startOurs();
    const [node] = ours.cluster.nodes;
    if (node === undefined) throw new Error('there is no node');
    const memory: number[] = [];
    const starts: number[] = [];
    const busy: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await node.stop();
      const begun = performance.now();
      await node.start();
      starts.push((performance.now() - begun) / 1000);
      const pid = node.pid ?? 0;
      const before = cpuSeconds(pid);
      await pause(seconds * 1000);
      busy.push((cpuSeconds(pid) - before) / seconds * 100);
      memory.push(residentBytes(pid) / 2 ** 20);
    }
    return {
      figures: [
        alone('memory of an idle node', 'MiB', memory, { sense: 'at most', value: 120 }),
        alone('from starting the process to an answered ping', 's', starts, { sense: 'at most', value: 0.6 }),
        alone('processor time of an idle node, its start included in none', '% of a core', busy, null),
      ],
      notes: ['The ping is asked for every 20 ms. The database holds the schema already.'],
    };
  },
};
