import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Planned, RunSummary } from '../../electron/contract/index.ts';
import { exitCodes } from '../../electron/shells/cli/exit-codes.ts';
import { Output } from '../../electron/shells/cli/output.ts';
import { createProgram, runProgram } from '../../electron/shells/cli/program.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { ownEnvironment } from '../screens/console-process.ts';
import { cliAnswer, type CliAnswer } from './cli.ts';
import { users } from './constants.ts';
import { stateOf } from './host-state.ts';
import { openLanRoom, type LanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** The command line as a script uses it: three bare hosts become a cluster behind nginx in one line, and every other command answers with JSON and the exit code of the document. */
const nodes = ['one', 'two', 'three'] as const;
const hosts = [...nodes, 'lb'] as const;
const clean = new AsyncDisposableStack();
let lab: Lab;
let environment: NodeJS.ProcessEnv;
let room: LanRoom;
let line: readonly string[];
const before = new Map<string, string>();

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [...nodes.map((name) => ({ name })), { name: 'lb', image: 'balancer' }], database: 'process' }));
  const { path } = clean.use(await temporaryFolder('one-line'));
  environment = ownEnvironment(path);
  room = clean.use(await openLanRoom(join(path, 'data', 'bulkhead')));
  const database = { port: String(lab.database!.port), name: await lab.database!.createDatabase(), user: lab.database!.user };
  const password = join(path, 'database-password');
  await writeFile(password, lab.database!.password, { mode: 0o600 });
  for (const name of hosts) before.set(name, await stateOf(lab.host(name)));
  line = [
    'cluster', 'create', 'art', '--database-host', lab.databaseAddress, '--database-port', database.port, '--database-name', database.name, '--database-user', database.user,
    '--database-password-file', password, '--filestore', '/srv/bulkhead/art', '--nodes', ...nodes, '--balancer', 'lb=nginx',
  ];
});
afterAll(() => clean.disposeAsync());

/** As a process of its own. */
const bulkhead = (...args: readonly string[]): Promise<CliAnswer> => cliAnswer(environment, ...args);
/** The same program on the same state, without a start of its own for each of many. */
async function asked(...args: readonly string[]): Promise<CliAnswer> {
  const told = { out: '', err: '' };
  const streams = { out: (text: string) => { told.out += text; }, err: (text: string) => { told.err += text; } };
  const context = {
    output: new Output(streams), signal: new AbortController().signal, outcome: { exitCode: exitCodes.ok }, client: () => Promise.resolve(room.client),
    transfers: () => Promise.reject(new Error('no bytes are moved here')), runConsole: () => Promise.resolve(),
  };
  const exitCode = await runProgram(createProgram(context, '0.1.0', streams), context, [...args, '--json']);
  return { answer: JSON.parse(told.out) as unknown, exitCode, said: told.err };
}
const ping = async (): Promise<string> => (await fetch(`http://${lab.target('lb').address}:8080/artifactory/api/system/ping`)).text();

it('adds hosts, and shows the whole plan without touching one', async () => {
  for (const name of hosts) {
    const { address, port } = lab.target(name);
    expect((await asked('host', 'add', `${users.ops.name}@${address}:${String(port)}`, '--name', name, '--key', lab.keyFile)).exitCode).toBe(exitCodes.ok);
    expect((await asked('host', 'trust', name)).exitCode).toBe(exitCodes.refused);
    expect((await asked('host', 'trust', name, '--yes')).exitCode).toBe(exitCodes.ok);
  }
  const { answer, exitCode } = await bulkhead(...line, '--plan');
  expect([exitCode, (answer as Planned[]).map(({ host, product }) => [host, product])]).toEqual([exitCodes.ok, [...nodes.map((name) => [name, undefined]), ['lb', 'nginx']]]);
  expect((await asked('cluster', 'list')).answer).toEqual([]);
  for (const name of hosts) expect(await stateOf(lab.host(name))).toBe(before.get(name));
});

it('makes three bare hosts a serving cluster behind nginx', async () => {
  const startedAt = performance.now();
  const { answer, exitCode } = await bulkhead(...line);
  console.log(`three hosts behind nginx, by one line, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  expect([exitCode, (answer as RunSummary[]).map(({ nodeId, state, failure }) => [nodeId, state, failure])]).toEqual([exitCodes.ok, nodes.map((name) => [name, 'done', null])]);
  expect(await ping()).toBe('OK');
});

it('answers with one JSON value, and the code that the document promises', async () => {
  const cluster = ['--cluster', 'art'];
  const runId = ((await asked('run', 'list')).answer as RunSummary[]).find(({ kind }) => kind === 'provision')!.runId;
  const expected: readonly (readonly [code: number, ...args: readonly string[]])[] = [
    [exitCodes.ok, 'host', 'list'], [exitCodes.ok, 'host', 'test', 'one'], [exitCodes.ok, 'host', 'check', 'one', ...cluster], [exitCodes.refused, 'host', 'remove', 'one'],
    [exitCodes.refused, ...line], [exitCodes.ok, 'cluster', 'list'], [exitCodes.refused, 'cluster', 'forget', 'art', '--yes'],
    [exitCodes.ok, 'node', 'provision', 'one', ...cluster, '--plan'], [exitCodes.ok, 'node', 'provision', 'one', ...cluster],
    [exitCodes.ok, 'node', 'upgrade', ...cluster, '--plan'], [exitCodes.ok, 'node', 'drain', 'two', ...cluster], [exitCodes.ok, 'node', 'undrain', 'two', ...cluster],
    [exitCodes.ok, 'node', 'restart', 'two', ...cluster], [exitCodes.ok, 'node', 'show', 'one', ...cluster], [exitCodes.ok, 'node', 'logs', 'one', ...cluster, '--lines', '3'],
    [exitCodes.ok, 'balancer', 'list'], [exitCodes.ok, 'balancer', 'status', 'lb'], [exitCodes.ok, 'balancer', 'render', ...cluster, '--product', 'haproxy'],
    [exitCodes.ok, 'balancer', 'diff', 'lb'], [exitCodes.ok, 'balancer', 'apply', 'lb', '--plan'], [exitCodes.ok, 'balancer', 'apply', 'lb'], [exitCodes.refused, 'balancer', 'remove', 'lb'],
    [exitCodes.ok, 'budget', ...cluster], [exitCodes.ok, 'failover', 'status', ...cluster], [exitCodes.ok, 'failover', 'handover', ...cluster],
    [exitCodes.ok, 'run', 'list', ...cluster], [exitCodes.ok, 'run', 'show', runId], [exitCodes.ok, 'run', 'resume', runId],
    [exitCodes.usage, 'node', 'drain', 'two'], [exitCodes.failed, 'host', 'test', 'nobody'], [exitCodes.failed, 'run', 'show', 'nobody'],
    [exitCodes.ok, 'node', 'remove', 'three', ...cluster, '--plan'], [exitCodes.refused, 'node', 'remove', 'three', ...cluster], [exitCodes.ok, 'node', 'remove', 'three', ...cluster, '--yes'],
    [exitCodes.ok, 'host', 'remove', 'three'],
  ];
  const codes: unknown[] = [];
  // one after the other: some undo what the one before has done
  for (const [, ...args] of expected) {
    const { exitCode, said } = await asked(...args);
    codes.push([exitCode, ...args, ...(exitCode === expected[codes.length]?.[0] ? [] : [said])]);
  }
  expect(codes).toEqual(expected);
  expect(await ping()).toBe('OK');
  expect(await stateOf(lab.host('three'))).toBe(before.get('three'));
});

it('says that a host is not reachable, and takes a node back that it has made', async () => {
  const runId = ((await asked('run', 'list')).answer as RunSummary[]).find(({ kind, nodeId }) => kind === 'provision' && nodeId === 'two')!.runId;
  expect((await asked('run', 'rollback', runId)).exitCode).toBe(exitCodes.ok);
  expect(await stateOf(lab.host('two'))).toBe(before.get('two'));
  await lab.host('two').losePower();
  expect((await asked('host', 'test', 'two')).exitCode).toBe(exitCodes.notRunning);
});
