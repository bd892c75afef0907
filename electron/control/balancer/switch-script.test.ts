import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../../test/harness/temporary-folder.ts';
import { waitFor } from '../../../test/harness/wait-for.ts';
import { balancerOptions, lanSettings } from '../../contract/index.ts';
import { releaseLock, takeLock, untilIdle } from '../provision/commands/lock.ts';
import type { RemoteCommand } from '../provision/index.ts';
import { pingThrough, runSwitch, stageFile } from './commands.ts';
import { placeOf } from './place.ts';
import { planNewBalancer } from './plan-new.ts';
import { switchScript } from './switch-script.ts';

// dozens of programs for each switch, beside other tests
vi.setConfig({ testTimeout: 120_000 });

/** The script at work on this machine, with a product that is none, below a folder. */
let root: TemporaryFolder;
let file: string;
beforeEach(async () => {
  root = await temporaryFolder('switch');
  file = join(root.path, 'etc/nginx/conf.d/bulkhead-art.conf');
  for (const each of ['bin', 'run', 'var/lib']) mkdirSync(join(root.path, each), { recursive: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'former\n');
  // a reload waits as long as a file is there, and what has "bad" in it does not come up
  program('systemctl', `case "$1" in reload | start) : > '${root.path}/reloading'; while [ -e '${root.path}/hang' ]; do sleep 0.05; done ;; is-active) ! grep -q bad '${file}' ;; esac`);
  program('unshare', '');
  program('ss', '');
  program('journalctl', '');
  program('sleep', `exec ${existsSync('/bin/sleep') ? '/bin/sleep' : '/usr/bin/sleep'} 0.01`);
});
afterEach(() => root.remove());

function program(name: string, text: string): void {
  writeFileSync(join(root.path, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

const here = (text: string): string => text.replaceAll(/\/run\/bulkhead|\/var\/lib\/bulkhead|\/etc\/(?:nginx|haproxy)/g, (found) => `${root.path}${found}`);

async function carryOut({ argv, input }: RemoteCommand): Promise<{ code: number; said: string }> {
  const [first = '', ...rest] = argv.map(here);
  const child = spawn(first, rest, { env: { ...process.env, PATH: `${root.path}/bin:${process.env['PATH'] ?? ''}` } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { said += String(chunk); });
  child.stdin.on('error', () => undefined);
  child.stdin.end(here(input?.text ?? ''));
  const [code] = await once(child, 'close') as [number];
  return { code, said };
}

const place = placeOf('nginx', 'debian', 'art');
const lock = '/run/bulkhead-balancer.lock';
const busy = '/run/bulkhead-balancer.busy';
const take = (runId: string, over: readonly string[] = []): Promise<unknown> => carryOut(takeLock({ runId, who: runId, since: 0 }, 60, lock, over));

async function stage(runId: string, text: string, on = place): Promise<void> {
  const folder = `/run/bulkhead-balancer/${runId}`;
  await carryOut(stageFile(`${folder}/switch.sh`, switchScript(on, runId, 0)));
  await carryOut(stageFile(`${folder}/new`, text));
}
const put = (runId: string): ReturnType<typeof carryOut> => carryOut(runSwitch(runId, 'put', `/run/bulkhead-balancer/${runId}/new`));

it('puts one configuration in place of another, and the former one back when the product does not come up; nothing of it stays', async () => {
  await take('one');
  await stage('one', 'good\n');
  expect(await put('one')).toEqual({ code: 0, said: '' });
  expect(readFileSync(file, 'utf8')).toBe('good\n');
  await stage('one', 'bad\n');
  expect((await put('one')).code).toBe(66);
  expect(readFileSync(file, 'utf8')).toBe('good\n');
  expect(readdirSync(join(root.path, 'run')).sort()).toEqual(['bulkhead-balancer', 'bulkhead-balancer.lock']);
});

it('lets whoever comes wait until what another run has begun has come to its end', async () => {
  await take('one');
  await stage('one', 'bad\n');
  writeFileSync(join(root.path, 'hang'), '');
  const left = put('one');
  await waitFor('the reload', () => existsSync(join(root.path, 'reloading')));
  await take('two', ['one']);
  expect((await carryOut(untilIdle(busy, 0))).code).toBe(75);
  await stage('two', 'good\n');
  const next = put('two');
  const idle = carryOut(untilIdle(busy, 60));
  expect(readFileSync(file, 'utf8')).toBe('bad\n');
  await carryOut({ argv: ['rm', join(root.path, 'hang')], as: 'root' });
  expect((await left).code).toBe(66);
  expect([await next, (await idle).code]).toEqual([{ code: 0, said: '' }, 0]);
  // the former one was put back before the good one came, and not after it
  expect(readFileSync(file, 'utf8')).toBe('good\n');
  expect(readFileSync(join(root.path, 'var/lib/bulkhead-balancer/art/nginx/previous'), 'utf8')).toBe('former\n');
});

it('does nothing for a run that has lost the host to another one', async () => {
  await take('one');
  await stage('one', 'late\n');
  await take('two', ['one']);
  expect(await put('one')).toEqual({ code: 68, said: 'another run has taken this host over: nothing was done\n' });
  await carryOut(releaseLock('two', lock));
  expect((await put('one')).code).toBe(68);
  expect(readFileSync(file, 'utf8')).toBe('former\n');
});

it('replaces a script as a whole: whoever is reading the one before reads on in that', async () => {
  const path = '/run/bulkhead-balancer/one/switch.sh';
  await carryOut(stageFile(path, 'before\n'));
  linkSync(here(path), join(root.path, 'read'));
  await carryOut(stageFile(path, 'after\n'));
  expect([readFileSync(join(root.path, 'read'), 'utf8'), readFileSync(here(path), 'utf8')]).toEqual(['before\n', 'after\n']);
});

const haproxy = placeOf('haproxy', 'debian', 'art');
const shared = (): string => join(root.path, 'etc/haproxy/haproxy.cfg');
function writeShared(text: string): void {
  mkdirSync(dirname(shared()), { recursive: true });
  writeFileSync(shared(), text);
}

it('takes a product out and leaves what belongs to another one: its run may still be rolled back', async () => {
  await take('one');
  await stage('one', 'good\n');
  await put('one');
  await carryOut(releaseLock('one', lock));
  writeShared('listen others\n');
  await take('two');
  await stage('two', 'ours\n', haproxy);
  await put('two');
  expect(readFileSync(shared(), 'utf8')).toBe('listen others\n# BEGIN Bulkhead art\nours\n# END Bulkhead art\n');
  expect((await carryOut(runSwitch('two', 'remove'))).code).toBe(0);
  expect(readFileSync(shared(), 'utf8')).toBe('listen others\n');
  await carryOut(releaseLock('two', lock));

  await take('one');
  expect((await carryOut(runSwitch('one', 'back'))).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe('former\n');
  expect(readdirSync(join(root.path, 'var/lib/bulkhead-balancer/art'))).toEqual(['nginx']);
});

it.each([
  ['the line that ends it is missing', '# BEGIN Bulkhead art\nours\nlisten others\n'],
  ['it ends before it begins', '# END Bulkhead art\n# BEGIN Bulkhead art\nlisten others\n'],
  ['it is there twice', '# BEGIN Bulkhead art\n# END Bulkhead art\nlisten others\n# BEGIN Bulkhead art\n# END Bulkhead art\n'],
])('changes nothing where our part of a file cannot be told from what is others\': %s', async (_what, text) => {
  writeShared(text);
  await take('one');
  await stage('one', 'new\n', haproxy);
  const { code, said } = await put('one');
  expect([code, said]).toEqual([69, expect.stringContaining('mend that by hand') as string]);
  expect(readFileSync(shared(), 'utf8')).toBe(text);
});

it('is carried out by hand as it is shown, and nobody is kept from the host after it, also when it fails', async () => {
  program('timeout', 'echo "HTTP/1.1 200 OK"');
  program('ss', `echo 'users:(("nginx",pid=1,fd=3))'`);
  const settings = lanSettings.parse({ name: 'art', filestore: '/srv/art', database: { host: 'db' } });
  const nodes = [{ nodeId: 'one', hostId: 'h', url: 'http://10.0.0.1:8081' }];
  const { script } = planNewBalancer({ clusterId: 'new', settings, nodes }, { hostId: 'h', name: 'front' }, { hostId: 'h', product: 'nginx', options: balancerOptions.parse({ sticky: false }) });
  const byHand = (): ReturnType<typeof carryOut> => carryOut({ argv: ['sh', '-c', script], as: 'login' });
  expect(await byHand()).toMatchObject({ code: 0, said: expect.stringContaining('HTTP/1.1 200 OK') as string });
  expect(readFileSync(file, 'utf8')).toContain('server 10.0.0.1:8081');
  expect(existsSync(join(root.path, 'run/bulkhead-balancer.lock'))).toBe(false);
  writeFileSync(file, 'changed by hand\n');
  program('unshare', 'echo "[emerg] no"; exit 1');
  expect((await byHand()).code).not.toBe(0);
  expect(readFileSync(file, 'utf8')).toBe('changed by hand\n');
  expect(existsSync(join(root.path, 'run/bulkhead-balancer.lock'))).toBe(false);
});

it('asks for an answer through the balancer for so long and no longer, however late it comes', async () => {
  // nobody answers within five seconds, and the clock goes on by as much whenever it is looked at
  writeFileSync(join(root.path, 'clock'), '0');
  program('date', `now=$(($(cat '${root.path}/clock') + 5)); echo "$now" > '${root.path}/clock'; echo "$now"`);
  program('timeout', `echo . >> '${root.path}/tries'; exit 124`);
  expect(await carryOut(pingThrough('127.0.0.1', 1, false, 'art'))).toEqual({ code: 0, said: '\n' });
  expect(readFileSync(join(root.path, 'tries'), 'utf8').split('\n').length - 1).toBeLessThan(10);
});
