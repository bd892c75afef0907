import { expect, it } from 'vitest';
import { Snapshot } from './index.ts';

it('gives a slow reader the present value and then the newest', async () => {
  const snapshot = new Snapshot(1);
  const abort = new AbortController();
  const watch = snapshot.watch(abort.signal);
  expect((await watch.next()).value).toBe(1);
  snapshot.set(2);
  snapshot.set(3);
  expect((await watch.next()).value).toBe(3);
  const next = watch.next();
  snapshot.set(4);
  expect((await next).value).toBe(4);
  const last = watch.next();
  abort.abort();
  expect((await last).done).toBe(true);
  expect(snapshot.watchers).toBe(0);
});
