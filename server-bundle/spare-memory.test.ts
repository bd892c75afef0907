import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SpareMemory, type MemoryNow } from './spare-memory.ts';

const mebibyte = 2 ** 20;
const memory = (mib: { rss: number; heapUsed?: number; external?: number }): MemoryNow => ({
  rss: mib.rss * mebibyte, heapUsed: (mib.heapUsed ?? 30) * mebibyte, external: (mib.external ?? 4) * mebibyte,
});

test('much that is not used is worth a collection, but for a process that works or has a large heap', () => {
  const spare = new SpareMemory();
  expect(spare.worthwhile(memory({ rss: 600 }), 0.01)).toBe(true);
  expect(spare.worthwhile(memory({ rss: 600 }), 0.5)).toBe(false);
  expect(spare.worthwhile(memory({ rss: 600, heapUsed: 170 }), 0.01)).toBe(false);
  expect(spare.worthwhile(memory({ rss: 600, external: 420 }), 0.01)).toBe(false);
  expect(spare.worthwhile(memory({ rss: 180 }), 0.01)).toBe(false);
});

test('what stays all the same is no reason to try again and again', () => {
  const spare = new SpareMemory();
  spare.given(memory({ rss: 500 }));
  expect(spare.worthwhile(memory({ rss: 550 }), 0.01)).toBe(false);
  expect(spare.worthwhile(memory({ rss: 650 }), 0.01)).toBe(true);
});

test.skipIf(process.platform !== 'linux')('a heap that was large once is given back to the system', () => {
  const program = `
    import { collectNow } from ${JSON.stringify(join(import.meta.dirname, 'garbage-collector.ts'))};
    let much = Array.from({ length: 2_000_000 }, (_, index) => ({ index, list: [index] }));
    const full = process.memoryUsage.rss();
    much = null;
    collectNow({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    console.log(JSON.stringify({ full, after: process.memoryUsage.rss() }));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const { full, after } = JSON.parse(stdout) as { full: number; after: number };
  expect(after).toBeLessThan(full / 2);
});
