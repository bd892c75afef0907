import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { insertRunRow, listRunCommandRows, listRunStepRows, openState, type State } from '../state/index.ts';
import { Attempt, type AttemptOptions } from './attempt.ts';
import { redactor } from './redact.ts';
import { asRoot, type CommandResult, type RemoteCommand } from './remote-command.ts';
import type { RemoteHost } from './remote-host.ts';
import { RunRecord } from './run-record.ts';
import { command, type Step } from './step.ts';

let folder: string;
let state: State;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-runs-'));
  state = openState(folder);
});
afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A host with named things on it; `make X`, `has X` and `drop X` are all it understands. */
class ToyHost implements RemoteHost {
  readonly things = new Set<string>();
  readonly ran: string[] = [];
  onRun: (line: string) => Partial<CommandResult> | undefined = () => undefined;

  run({ argv }: RemoteCommand, _signal?: AbortSignal): Promise<CommandResult> {
    const line = argv.join(' ');
    const answer = this.onRun(line);
    this.ran.push(line);
    const [verb, thing = ''] = argv;
    if (answer !== undefined) return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...answer });
    if (verb === 'make') this.things.add(thing);
    if (verb === 'drop') this.things.delete(thing);
    return Promise.resolve({ exitCode: verb === 'has' && !this.things.has(thing) ? 1 : 0, stdout: '', stderr: '' });
  }

  upload(): Promise<void> { return Promise.resolve(); }
  forward(): Promise<never> { return Promise.reject(new Error('a toy makes no connections')); }
  close(): Promise<void> { return Promise.resolve(); }
}

function thing(id: string, after: readonly string[] = []): Step {
  return { id, title: id, probe: [asRoot('has', id)], apply: command(asRoot('make', id)), verify: [asRoot('has', id)], undo: [asRoot('drop', id)], after };
}

const steps = [thing('a'), thing('b'), thing('c', ['b'])];

function begin(host: ToyHost, options: Partial<AttemptOptions> = {}): Attempt {
  insertRunRow(state, {
    id: 'run', kind: 'provision', clusterId: 'c', hostId: 'h', nodeId: 'n', target: '{}', state: 'running', failure: null, startedAt: 1, endedAt: null, heartbeatAt: 1,
  }, steps.map(({ id, title }) => ({ step: id, title })));
  return again(host, options);
}

function again(host: ToyHost, options: Partial<AttemptOptions> = {}): Attempt {
  const record = new RunRecord(state, 'run', redactor(['canary-secret']), () => undefined);
  return new Attempt({ host, record, who: 'test', packed: () => Promise.reject(new Error('no payloads')), signal: new AbortController().signal, ...options });
}

const states = (): string[] => listRunStepRows(state, 'run').map((row) => row.state);

it('applies only what is not so yet, and what depends on a change', async () => {
  const host = new ToyHost();
  host.things.add('a').add('c');
  await begin(host).forward(steps);
  expect(host.ran.filter((line) => line.startsWith('make'))).toEqual(['make b', 'make c']);
  expect(states()).toEqual(['unchanged', 'done', 'done']);
});

it('changes nothing on a host on which everything is so', async () => {
  const host = new ToyHost();
  for (const { id } of steps) host.things.add(id);
  await begin(host).forward(steps);
  expect(host.ran).toEqual(['has a', 'has b', 'has c']);
  expect(states()).toEqual(['unchanged', 'unchanged', 'unchanged']);
});

it('takes back only what it has changed, the last first', async () => {
  const host = new ToyHost();
  host.things.add('a');
  const attempt = begin(host);
  await attempt.forward(steps);
  host.ran.length = 0;
  await attempt.back(steps);
  expect(host.ran).toEqual(['drop c', 'drop b']);
  expect([...host.things]).toEqual(['a']);
});

it('is resumed after a crash in the middle of a step, and rolls that step back too', async () => {
  const host = new ToyHost();
  // the program ends while "make b" is under way: it happened, and nobody wrote down that it did
  host.onRun = (line) => { if (line === 'make b') { host.things.add('b'); throw new Error('the program is gone'); } return undefined; };
  await expect(begin(host).forward(steps)).rejects.toThrow('gone');
  expect(listRunCommandRows(state, 'run').at(-1)).toMatchObject({ command: 'sudo make b', exitCode: null });
  host.onRun = () => undefined;
  await again(host).forward(steps);
  // "c" reads what "b" has made: it is applied although b was found to be so
  expect(host.ran.filter((line) => line === 'make c')).toHaveLength(1);
  await again(host).back(steps);
  expect([...host.things]).toEqual([]);
});

it('stops at the first failure, with the command and its status', async () => {
  const host = new ToyHost();
  host.onRun = (line) => (line === 'make b' ? { exitCode: 7, stderr: 'no room for canary-secret' } : undefined);
  await expect(begin(host).forward(steps)).rejects.toMatchObject({ code: 'STEP_FAILED', details: { exitCode: 7, command: 'sudo make b' } });
  expect(states()).toEqual(['done', 'failed', 'waiting']);
  expect(listRunCommandRows(state, 'run').at(-1)).toMatchObject({ exitCode: 7, lastLines: 'no room for •••' });
});

it('records nothing of an output that holds a secret', async () => {
  const host = new ToyHost();
  host.onRun = () => ({ stdout: 'generated-password' });
  await begin(host).forward([{ ...thing('a'), probe: [], verify: [], apply: command({ ...asRoot('make', 'a'), secretOutput: true }) }]);
  expect(JSON.stringify(listRunCommandRows(state, 'run'))).not.toContain('generated-password');
});

it('does nothing more once it is cancelled', async () => {
  const host = new ToyHost();
  const abort = new AbortController();
  host.onRun = (line) => { if (line === 'has b') abort.abort(); return undefined; };
  await expect(begin(host, { signal: abort.signal }).forward(steps)).rejects.toThrow();
  expect(host.ran).not.toContain('make c');
});

it('lets a command whose answer cannot be had again come to its end, and goes no farther', async () => {
  const host = new ToyHost();
  const abort = new AbortController();
  const toy = host.run.bind(host);
  host.run = (command: RemoteCommand, signal?: AbortSignal) => {
    abort.abort();
    return signal?.aborted === true ? Promise.reject(new Error('cancelled')) : toy(command);
  };
  const answers: number[] = [];
  const once: Step = { ...thing('once'), check: async ({ runToEnd }) => { answers.push((await runToEnd(asRoot('make', 'once'))).exitCode); } };
  await expect(begin(host, { signal: abort.signal }).forward([once, thing('a')])).rejects.toThrow();
  expect(answers).toEqual([0]);
  expect(host.ran).toEqual(['make once']);
});

it('says who holds the host when another run does', async () => {
  const host = new ToyHost();
  host.onRun = () => ({ exitCode: 75, stdout: 'ann on desk-2, since 2026-01-01T00:00:00.000Z\n' });
  await expect(begin(host).lock()).rejects.toMatchObject({ code: 'HOST_LOCKED', message: expect.stringContaining('ann on desk-2') as string });
});

it('finds out whose lock may be taken over when the host has answered, and not before', async () => {
  const host = new ToyHost();
  host.onRun = (line) => (line.endsWith(' silent') ? { exitCode: 0 } : { exitCode: 75, stdout: 'ann on desk-2\n' });
  await begin(host, { over: () => [host.ran.length === 0 ? 'woken' : 'silent'] }).lock();
  expect(host.ran.map((line) => line.includes('woken'))).toEqual([false, false]);
});

it('begins only when nothing of an earlier run is at work on the host, and leaves the lock to others when it is for too long', async () => {
  const host = new ToyHost();
  host.onRun = (line) => (line.includes('hold "$1" "$2"') ? { exitCode: 75 } : undefined);
  await expect(begin(host, { busy: '/run/busy' }).lock()).rejects.toMatchObject({ code: 'HOST_LOCKED', message: expect.stringContaining('still at work') as string });
  expect(host.ran.map((line) => /mkdir|hold|release/.exec(line)?.[0])).toEqual(['mkdir', 'hold', 'release']);
  host.onRun = (line) => (line.includes('hold "$1" "$2"') ? { exitCode: 69, stderr: 'there is no flock on this host: install util-linux\n' } : undefined);
  await expect(again(host, { busy: '/run/busy' }).lock()).rejects.toMatchObject({ code: 'STEP_FAILED', message: expect.stringContaining('install util-linux') as string });
});

it('breaks no command off that takes the lock: nobody would know whether it has', async () => {
  const host = new ToyHost();
  const commands: RemoteCommand[] = [];
  const toy = host.run.bind(host);
  host.run = (each: RemoteCommand, signal?: AbortSignal) => { commands.push(each); return toy(each, signal); };
  await begin(host).lock();
  expect(commands.map(({ runsToEnd }) => runsToEnd)).toEqual([true]);
});

it('gives up a lock that it may have got, when the connection is lost before the answer', async () => {
  const host = new ToyHost();
  host.onRun = (line) => { if (line.includes('mkdir')) throw new BulkheadError('SSH_CONNECTION_LOST'); return undefined; };
  await expect(begin(host).lock()).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  expect(host.ran.map((line) => /mkdir|release/.exec(line)?.[0])).toEqual(['release']);
});
