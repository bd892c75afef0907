import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../../test/harness/temporary-folder.ts';
import type { CommandResult, RunOptions, ShellCommand } from './session.ts';
import { upload } from './upload.ts';

let root: TemporaryFolder;
let folder: string;
beforeEach(async () => {
  root = await temporaryFolder('upload');
  folder = join(root.path, 'there');
  for (const each of [folder, join(root.path, 'bin')]) mkdirSync(each);
});
afterEach(() => root.remove());

function program(name: string, text: string): void {
  writeFileSync(join(root.path, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

/** As on a host, with programs of this test before those of the system. */
async function run(command: ShellCommand, { stdin }: RunOptions): Promise<CommandResult> {
  if (!('script' in command)) throw new Error('only scripts are expected');
  const child = spawn('sh', ['-c', command.script, 'sh', ...(command.args ?? [])], { env: { ...process.env, PATH: `${join(root.path, 'bin')}:${process.env['PATH'] ?? ''}` } });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk: Buffer) => { out[name] += String(chunk); });
  child.stdin.on('error', () => undefined);
  if (stdin instanceof Readable) stdin.pipe(child.stdin);
  else child.stdin.end(stdin);
  const [exitCode] = await once(child, 'close') as [number];
  return { exitCode, ...out } as CommandResult;
}

const df = (freeKib: number): void => { program('df', `echo heading; echo "/dev/x 1000 1000 ${freeKib} 99% /mnt"`); };
const full = 'cat > /dev/null; echo "dd: No space left on device" >&2; exit 1';
const plain = randomBytes(200_000);
const packed = gzipSync(plain);
const unpacking = { unpack: true, sha256: createHash('sha256').update(plain).digest('hex'), compressed: false } as const;
/** gzip that cannot write what it unpacks, as often as it is to go to a file */
const failing = (why: string): void => { program('gzip', `if [ "$1" = -dc ] && [ -f /proc/self/fd/1 ]; then echo "${why}" >&2; exit 1; fi; exec /bin/gzip "$@"`); };

it.each([['a stream', { stream: Readable.from([plain]) }, {}], ['what is not to be resumed', { content: plain }, { resume: false }]] as const)('leaves nothing of %s on a full disk, and does not say that it would', async (_, source, options) => {
  df(10_000_000);
  program('dd', `for each; do case $each in of=*) echo part > "\${each#of=}" ;; esac; done; ${full.replace('exit 1', `printf '#!/bin/sh\\necho heading; echo "/dev/x 1 1 0 99%% /mnt"\\n' > '${root.path}/bin/df'; exit 1`)}`);
  await expect(upload(run, source, join(folder, 'file'), { compressed: false, ...options })).rejects.toMatchObject({ code: 'HOST_DISK_FULL', hint: 'Free space on /mnt and do it again.' });
  expect(readdirSync(folder)).toEqual([]);
});

it('tells that there is no room to unpack only where there is less than is missing, and keeps what has arrived', async () => {
  failing('gzip: no room');
  df(150);
  program('df', `[ -e '${folder}/file.'*.gz.part ] && free=100 || free=10000; echo heading; echo "/dev/x 1000 1000 $free 99% /mnt"`);
  await expect(upload(run, { content: packed }, join(folder, 'file'), unpacking)).rejects.toMatchObject({
    code: 'HOST_DISK_FULL', details: { freeBytes: 102_400, neededBytes: 200_000 }, hint: expect.stringContaining('is not sent twice') as string,
  });
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.gz\.part$/)]);
});

it('gives on what kept it from being unpacked where there is room', async () => {
  failing('gzip: Disk quota exceeded');
  df(10_000_000);
  await expect(upload(run, { content: packed }, join(folder, 'file'), unpacking)).rejects.toMatchObject({ code: 'UPLOAD_FAILED', details: { lastLines: 'gzip: Disk quota exceeded' } });
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.gz\.part$/)]);
});
