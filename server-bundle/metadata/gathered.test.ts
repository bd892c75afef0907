import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Gathered } from './gathered.ts';

/** Work that ends when it is told to. */
function gathering(options = { most: 4, lingerMs: 0 }): { readonly done: Gathered<number, number>; readonly begun: number[][]; end(): Promise<void>; fail(error: Error): Promise<void> } {
  const begun: number[][] = [];
  let underWay = Promise.withResolvers<undefined>();
  const next = async (): Promise<void> => {
    underWay = Promise.withResolvers();
    for (let count = 0; count < 5; count += 1) await turn();
  };
  return {
    begun,
    done: new Gathered(async (items: readonly number[]) => {
      begun.push([...items]);
      await underWay.promise;
      return items.map((item) => item * 10);
    }, options),
    end: async () => { underWay.resolve(undefined); await next(); },
    fail: async (error) => { underWay.reject(error); await next(); },
  };
}

it('begins at once, and takes what came meanwhile together, as much as it may', async () => {
  const { done, begun, end } = gathering();
  const results = [1, 2, 3, 4, 5, 6].map((item) => done.add(item));
  expect(begun).toEqual([[1]]);
  await end();
  expect(begun).toEqual([[1], [2, 3, 4, 5]]);
  await end();
  await expect.poll(() => begun).toEqual([[1], [2, 3, 4, 5], [6]]);
  await end();
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50, 60]);
});

it('lingers where the work before was for several, and only there', async () => {
  const { done, begun, end } = gathering({ most: 4, lingerMs: 20 });
  const all = [done.add(1), done.add(2), done.add(3)];
  await end();
  expect(begun).toEqual([[1], [2, 3]]);
  await end();
  all.push(done.add(4));
  expect(begun).toHaveLength(2);
  all.push(done.add(5));
  await expect.poll(() => begun).toEqual([[1], [2, 3], [4, 5]]);
  await end();
  await Promise.all(all);
});

it('does not wait for work that is late', async () => {
  let begun = 0;
  const done = new Gathered(async (items: readonly number[]) => {
    begun += 1;
    return begun === 1 ? new Promise<never>(() => undefined) : items;
  }, { most: 4, lingerMs: 0 });
  void done.add(1);
  expect(await done.add(2)).toBe(2);
});

it('fails all that was done together, and goes on', async () => {
  const { done, begun, end, fail } = gathering();
  const first = expect(done.add(1)).rejects.toThrow('broken');
  const others = [done.add(2), done.add(3)];
  await fail(new Error('broken'));
  await first;
  await end();
  expect(await Promise.all(others)).toEqual([20, 30]);
  expect(begun).toEqual([[1], [2, 3]]);
});
