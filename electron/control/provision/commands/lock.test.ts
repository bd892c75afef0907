import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../../../test/harness/temporary-folder.ts';
import { waitFor } from '../../../../test/harness/wait-for.ts';
import { shellLine, type RemoteCommand } from '../remote-command.ts';
import { lockedByOther, releaseLock, takeLock } from './lock.ts';

let folder: TemporaryFolder;
let lock: string;
beforeEach(async () => {
  folder = await temporaryFolder('lock');
  lock = join(folder.path, 'lock');
});
afterEach(() => folder.remove());

/** As on a host, with programs of this test before those of the system; resolves to the exit code, or the signal, and what was printed. */
function run({ argv: [program = '', ...args] }: RemoteCommand, path = process.env['PATH'] ?? ''): Promise<readonly [code: number | string, out: string]> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, PATH: path } }, (error, out) => { resolve([typeof error?.code === 'number' ? error.code : error?.signal ?? 0, out]); });
  });
}
const taking = (runId: string, over: readonly string[] = []): RemoteCommand => takeLock({ runId, who: `${runId} on desk`, since: 0 }, 60, lock, over);
const take = (runId: string, over: readonly string[] = []): Promise<readonly [number | string, string]> => run(taking(runId, over));

/** A search path on which this program is another one. */
function instead(program: string, text: string): string {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return `${bin}:${process.env['PATH'] ?? ''}`;
}

/** A search path on which others do all this once, after the owner was read for the first time. */
function meanwhile(...commands: readonly RemoteCommand[]): string {
  const lines = commands.map((each) => shellLine({ ...each, as: 'login' })).join('\n');
  const usual = process.env['PATH'] ?? '';
  return instead('head', `PATH='${usual}'\nhead "$@"\nmkdir '${folder.path}/once' 2> /dev/null || exit 0\n{ ${lines}\n} > /dev/null`);
}

it('is had by one run, which finds it as its own, and goes with it', async () => {
  expect(await take('one')).toEqual([0, '']);
  expect(await take('one')).toEqual([0, '']);
  expect(await take('two')).toEqual([lockedByOther, 'one on desk, since 1970-01-01T00:00:00.000Z\n']);
  await run(releaseLock('two', lock));
  expect(existsSync(lock)).toBe(true);
  await run(releaseLock('one', lock));
  expect(existsSync(lock)).toBe(false);
});

it('is taken over from a run that is known to be over, and from no other', async () => {
  await take('one');
  expect(await take('two', ['three', 'on'])).toEqual([lockedByOther, expect.stringContaining('one on desk') as string]);
  expect(await take('two', ['three', 'one'])).toEqual([0, '']);
  expect(await take('one')).toEqual([lockedByOther, expect.stringContaining('two on desk') as string]);
  await run(releaseLock('two', lock));
  expect(existsSync(lock)).toBe(false);
});

it('is taken over by one of several who find it', async () => {
  await take('one');
  const names = Array.from({ length: 12 }, (_, index) => `run-${String(index)}`);
  const codes = await Promise.all(names.map(async (name) => (await take(name, ['one']))[0]));
  expect(codes.filter((code) => code === 0)).toHaveLength(1);
  expect(await take(names[codes.indexOf(0)] ?? '')).toEqual([0, '']);
});

it('is taken over in turn by two runs, each time the other was interrupted', async () => {
  await take('one');
  for (const [next, former] of [['two', 'one'], ['one', 'two'], ['two', 'one'], ['one', 'two']] as const) expect(await take(next, [former])).toEqual([0, '']);
});

it('is taken over after another one died while it did', async () => {
  await take('one');
  expect(await run(taking('two', ['one']), instead('mv', 'kill -9 "$PPID"'))).toEqual(['SIGKILL', '']);
  expect(await take('three', ['one', 'two'])).toEqual([0, '']);
});

it('stays with whoever has made it anew, when the run that was thought to be over has woken up and released it', async () => {
  await take('one');
  expect((await run(taking('two', ['one']), meanwhile(releaseLock('one', lock), taking('three'))))[0]).toBe(lockedByOther);
  expect(await take('three')).toEqual([0, '']);
});

it('stays with whoever took it over while its former owner was about to release it', async () => {
  await take('one');
  await run(releaseLock('one', lock), meanwhile(taking('two', ['one'])));
  expect((await take('three'))[0]).toBe(lockedByOther);
  expect(await take('two')).toEqual([0, '']);
});

it('says what is missing where it could not be taken over safely', async () => {
  await take('one');
  const bin = join(folder.path, 'bare');
  mkdirSync(bin);
  for (const each of ['sh', 'find', 'mkdir', 'head', 'tail', 'mv', 'rm']) symlinkSync(`/bin/${each}`, join(bin, each));
  expect(await run(taking('two', ['one']), bin)).toEqual([69, '']);
  expect((await take('two'))[0]).toBe(lockedByOther);
  await run(releaseLock('one', lock), bin);
  expect(existsSync(lock)).toBe(false);
});

/** As if it had been so for that long. */
function age(path: string, minutes: number): void {
  const then = new Date(Date.now() - minutes * 60_000);
  utimesSync(path, then, then);
}

it('is taken over by one of several when it was left behind for too long', async () => {
  for (let round = 0; round < 5; round += 1) {
    await take('one');
    for (const each of [join(lock, 'owner'), lock]) age(each, 61);
    const names = Array.from({ length: 8 }, (_, index) => `run-${String(index)}`);
    const codes = await Promise.all(names.map(async (name) => (await take(name))[0]));
    expect(codes.filter((code) => code === 0)).toHaveLength(1);
    await run(releaseLock(names[codes.indexOf(0)] ?? '', lock));
    expect(existsSync(lock)).toBe(false);
  }
}, 120_000);

it('stays with a run that goes on with it, however old it is: it is as new as the latest time that it was taken', async () => {
  await take('one');
  for (const each of [join(lock, 'owner'), lock]) age(each, 61);
  expect(await take('one')).toEqual([0, '']);
  expect(Date.now() - statSync(join(lock, 'owner')).mtimeMs).toBeLessThan(60_000);
  expect((await take('two'))[0]).toBe(lockedByOther);
});

it('is nobody\'s when the run that made it died before it wrote its name: for a minute it may still be writing', async () => {
  mkdirSync(lock);
  expect(await take('one')).toEqual([lockedByOther, expect.stringContaining('does not say by whom') as string]);
  age(lock, 2);
  expect(await take('one')).toEqual([0, '']);
  expect((await take('two'))[0]).toBe(lockedByOther);
  await run(releaseLock('one', lock));
  // as a full file system leaves it, or a release that was cut off
  mkdirSync(lock);
  for (const file of ['owner', 'flock']) writeFileSync(join(lock, file), '');
  age(lock, 2);
  expect(await take('one')).toEqual([0, '']);
});

it('is not had by whoever made it, and has slept while another one took it over', async () => {
  const asleep = run(taking('one'), instead('mkdir', `PATH='${process.env['PATH'] ?? ''}'\nmkdir "$@" || exit 1\nuntil [ -e '${folder.path}/go' ]; do sleep 0.02; done`));
  await waitFor('the lock', () => existsSync(lock));
  age(lock, 2);
  expect(await take('two')).toEqual([0, '']);
  writeFileSync(join(folder.path, 'go'), '');
  expect(await asleep).toEqual([lockedByOther, expect.stringContaining('two on desk') as string]);
});
