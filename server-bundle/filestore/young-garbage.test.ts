import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { initialize, openFilestore } from './index.ts';

const mebibyte = 1024 * 1024;
const clusterId = randomUUID();

function* chunks(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += 65_536) yield Buffer.alloc(65_536, 'c');
}

it('chunks of a large body are collected young: what is old is left alone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'young-'));
  await initialize(root, clusterId);
  const filestore = openFilestore({ path: root });
  await filestore.bind(clusterId);
  let old = 0;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if ((entry as unknown as { readonly detail: { readonly kind: number } }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) old += 1;
  });
  watch.observe({ entryTypes: ['gc'] });
  const staged = await filestore.stage(randomUUID(), Readable.from(chunks(256 * mebibyte)));
  await new Promise((resolve) => { setImmediate(resolve); });
  watch.disconnect();
  await staged.discard();
  await filestore.close();
  await rm(root, { recursive: true, force: true });
  // one may happen for reasons of its own; without the young collections there are ten
  expect(old).toBeLessThan(3);
});
