import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { identify, type ProcessIdentity } from './identity.ts';

const run = promisify(execFile);

/**
 * Live processes whose command line holds `first` directly followed by `second`. Finds what a launcher started and
 * was killed before it could record. Empty on Windows, where command lines of others are not to be had cheaply.
 */
export async function findByArguments(first: string, second: string): Promise<ProcessIdentity[]> {
  const pids = process.platform === 'linux' ? await pidsInProc(first, second) : await pidsByPs(`${first} ${second}`);
  const identities = await Promise.all(pids.filter((pid) => pid !== process.pid).map(identify));
  return identities.filter((identity) => identity !== null);
}

async function pidsInProc(first: string, second: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const matches = await Promise.all(pids.map(async (pid) => {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const args = command.split('\0');
    return args.some((argument, index) => argument === first && args[index + 1] === second);
  }));
  return pids.filter((_, index) => matches[index]);
}

async function pidsByPs(text: string): Promise<number[]> {
  if (process.platform === 'win32') return [];
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split('\n').filter((line) => `${line} `.includes(` ${text} `)).map((line) => Number.parseInt(line, 10));
}
