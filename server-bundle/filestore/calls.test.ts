import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Calls } from './calls.ts';

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

describe('calls into the shared folder', () => {
  it('runs so many at once and keeps the order of the rest', async () => {
    const calls = new Calls(2);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    await Promise.all(Array.from({ length: 7 }, (_, at) => calls.run(async () => {
      running += 1;
      most = Math.max(most, running);
      order.push(at);
      await Promise.resolve();
      running -= 1;
    })));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('tells its caller when the folder hangs, closes what comes too late, and never begins what nobody waits for', async () => {
    const calls = new Calls(1);
    let finish: (file: { close(): Promise<void> }) => void = () => undefined;
    let begun = false;
    let closed = false;
    const hung = calls.run(() => new Promise<{ close(): Promise<void> }>((resolve) => { finish = resolve; }), 20);
    const queued = calls.run(async () => { begun = true; }, 20);
    await expect(hung).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    await expect(queued).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    finish({ close: async () => { closed = true; } });
    expect(await calls.run(async () => 'again')).toBe('again');
    expect({ begun, closed }).toEqual({ begun: false, closed: true });
  });

  it('tells a folder that has too much to do from one that hangs', async () => {
    const calls = new Calls(1);
    const slow = Array.from({ length: 40 }, () => calls.run(() => new Promise((resolve) => { setTimeout(resolve, 10); }), 100));
    const outcomes = await Promise.allSettled(slow);
    expect(outcomes[0]?.status).toBe('fulfilled');
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'OVERLOADED', status: 429 } });
  });

  it.each<[string, (calls: Calls) => Promise<unknown>]>([
    ['a write that ended in memory', (calls) => calls.write(async () => undefined)],
    ['an error that a dead share gives', (calls) => calls.run(async () => { throw systemError('ESTALE'); })],
  ])('does not take %s for an answer of the folder', async (_what, other) => {
    const calls = new Calls(2);
    const hung = calls.run(() => new Promise(() => undefined), 100);
    const others = setInterval(() => { other(calls).catch(() => undefined); }, 10);
    await expect(hung).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    clearInterval(others);
  });

  it('takes nothing for silent that has answered while this process was kept from running', async () => {
    const calls = new Calls(1);
    const answered = calls.run(() => stat('/'), 20);
    const until = performance.now() + 100;
    while (performance.now() < until);
    await expect(answered).resolves.toBeDefined();
  });

  it.each([['ENOSPC', 'FILESTORE_FULL'], ['EDQUOT', 'FILESTORE_FULL'], ['EROFS', 'FILESTORE_UNAVAILABLE'], ['ESTALE', 'FILESTORE_UNAVAILABLE'], ['EIO', 'FILESTORE_UNAVAILABLE'], ['ENOENT', 'ENOENT'], ['EEXIST', 'EEXIST']])(
    'reports %s as %s', async (code, reported) => {
      await expect(new Calls(1).run(async () => { throw systemError(code); })).rejects.toMatchObject({ code: reported });
    });
});
