import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';

/** In a process of its own: what other tests have left in the heap is a reason to collect it, too. */
const program = (root: string): string => `
  import { randomUUID } from 'node:crypto';
  import { PerformanceObserver, constants } from 'node:perf_hooks';
  import { Readable } from 'node:stream';
  import { initialize, openFilestore } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};

  function* chunks(bytes) {
    for (let at = 0; at < bytes; at += 65_536) yield Buffer.alloc(65_536, 'c');
  }
  const clusterId = randomUUID();
  await initialize(${JSON.stringify(root)}, clusterId);
  const filestore = openFilestore({ path: ${JSON.stringify(root)} });
  await filestore.bind(clusterId);
  let old = 0;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) old += 1;
  });
  watch.observe({ entryTypes: ['gc'] });
  const staged = await filestore.stage(randomUUID(), Readable.from(chunks(256 * 1024 * 1024)));
  await new Promise((resolve) => { setImmediate(resolve); });
  watch.disconnect();
  await staged.discard();
  await filestore.close();
  console.log(old);
  process.exit(0);
`;

it('chunks of a large body are collected young: what is old is left alone', async () => {
  await using folder = await temporaryFolder('young');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(folder.path)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(complaints).toBe('');
  // one may happen for reasons of its own; without the young collections there are ten
  expect(Number(said)).toBeLessThan(3);
  expect(said.trim()).toMatch(/^\d+$/);
});
