import { beforeEach, describe, expect, it } from 'vitest';
import {
  BulkheadError, connect, createWirePair, errorCodes, serve,
  type CallContext, type ClosableClient, type DemoDescription, type Handlers, type JournalEntry,
} from '../../contract/index.ts';
import { stubHandlers } from '../testing/stub-handlers.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram, runProgram } from './program.ts';

const description: DemoDescription = {
  balancer: 'http://127.0.0.1:8080',
  nodes: [{ nodeId: 'node-1', url: 'http://127.0.0.1:4001', pid: 11 }, { nodeId: 'node-2', url: 'http://127.0.0.1:4002', pid: null }],
  master: { nodeId: 'node-1', epoch: 7 },
  database: { host: '127.0.0.1', port: 5544, name: 'bulkhead' },
  admin: { user: 'admin', password: 'correct-horse' },
};

let out: string;
let err: string;
let consoleRuns: { port: number; open: boolean }[];
beforeEach(() => {
  out = '';
  err = '';
  consoleRuns = [];
});

async function bulkhead(argv: string[], given: Partial<Handlers> = {}, signal = new AbortController().signal): Promise<ExitCode> {
  const streams = { out: (text: string) => { out += text; }, err: (text: string) => { err += text; } };
  const opened: ClosableClient[] = [];
  const context: CliContext = {
    output: new Output(streams),
    signal,
    outcome: { exitCode: exitCodes.ok },
    client: async () => {
      const pair = createWirePair();
      serve(stubHandlers(given), pair.control, { caller: 'cli' });
      const client = connect(() => pair.client);
      opened.push(client);
      return client;
    },
    transfers: () => Promise.reject(new Error('no bytes are moved here')),
    runConsole: async (options) => { consoleRuns.push(options); },
  };
  const code = await runProgram(createProgram(context, '1.2.3', streams), context, argv);
  for (const client of opened) client.close();
  return code;
}

describe('demo', () => {
  it('starts with what was asked and prints the description as one JSON line', async () => {
    let asked: unknown;
    const code = await bulkhead(['demo', 'up', '--nodes', '2', '--port', '0', '--data', '/d', '--json'], {
      'demo.start': async (options) => { asked = options; return description; },
    });
    expect(code).toBe(exitCodes.ok);
    expect(asked).toEqual({ nodes: 2, port: 0, dataDir: '/d' });
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(out)).toEqual(description);
    expect(err).toBe('');
  });

  it('tells people in aligned columns', async () => {
    await bulkhead(['demo', 'status'], { 'demo.describe': async () => description });
    expect(out).toContain('NODE    ADDRESS                PID  ROLE\nnode-1  http://127.0.0.1:4001   11  master, epoch 7\nnode-2  http://127.0.0.1:4002    –\n');
  });

  it.each(['kill', 'freeze', 'thaw', 'restart', 'start', 'stop', 'remove'] as const)('asks for %s of a node', async (action) => {
    const asked: unknown[] = [];
    expect(await bulkhead(['--json', 'demo', action, 'node-2'], { 'demo.node': async (args) => { asked.push(args); return {}; } })).toBe(0);
    expect(asked).toEqual([{ nodeId: 'node-2', action }]);
    expect(JSON.parse(out)).toEqual({ nodeId: 'node-2', action });
  });

  it('deletes nothing before it is told --yes', async () => {
    let resets = 0;
    const handlers: Partial<Handlers> = { 'demo.reset': async () => { resets += 1; return {}; } };
    expect(await bulkhead(['demo', 'reset'], handlers)).toBe(exitCodes.refused);
    expect(resets).toBe(0);
    expect(await bulkhead(['demo', 'reset', '--yes'], handlers)).toBe(exitCodes.ok);
    expect(resets).toBe(1);
  });
});

describe('errors', () => {
  it('lets no host steer the terminal, in results and in details, and changes no value for a script', async () => {
    const hostile = 'a\u001b[2J\u009b31m\u007f';
    const details = { reason: hostile };
    const refuse: Partial<Handlers> = { 'demo.addNode': async () => { throw new BulkheadError('SSH_PROTOCOL_FAILED', hostile, { details }); } };
    // eslint-disable-next-line no-control-regex -- these are looked for
    const steers = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
    await bulkhead(['demo', 'add'], refuse);
    expect(err).toContain('reason');
    expect(err).not.toMatch(steers);
    await bulkhead(['demo', 'add', '--json'], refuse);
    expect(out).not.toMatch(steers);
    expect(JSON.parse(out)).toMatchObject({ error: { details } });
    out = '';
    await bulkhead(['node', 'logs', 'node-1', '--cluster', 'art'], { 'nodes.journal': async () => ({ lines: [hostile, 'second\tline'] }) });
    expect(out).toBe('a·[2J·31m·\nsecond\tline\n');
  });

  it('tells code, message, hint and details, and exits by the code', async () => {
    const details = { free: 9, needed: 26 };
    const refuse: Partial<Handlers> = { 'demo.addNode': async () => { throw new BulkheadError('CONNECTION_BUDGET_EXHAUSTED', '17 short', { details }); } };
    expect(await bulkhead(['demo', 'add'], refuse)).toBe(exitCodes.refused);
    expect(err).toBe(`CONNECTION_BUDGET_EXHAUSTED: 17 short\n  ${errorCodes.CONNECTION_BUDGET_EXHAUSTED.hint}\n  {"free":9,"needed":26}\n`);
    expect(out).toBe('');
    await bulkhead(['demo', 'add', '--json'], refuse);
    expect(JSON.parse(out)).toEqual({ error: { code: 'CONNECTION_BUDGET_EXHAUSTED', message: '17 short', hint: errorCodes.CONNECTION_BUDGET_EXHAUSTED.hint, details } });
  });

  it('exits with 3 when nothing runs', async () => {
    expect(await bulkhead(['demo', 'status'])).toBe(exitCodes.notRunning);
    expect(err).toMatch(/^DEMO_NOT_RUNNING: /);
  });

  it.each([[['node', 'drain', 'two', '--json'], /required option '--cluster <name>'/], [['--json', 'host', 'test'], /missing required argument 'host'/], [['node', '--json'], /a command is missing/], [['nonsense', '--json'], /unknown command 'nonsense'/]])(
    'tells a script what was wrong with %j in one JSON value', async (argv, message) => {
      expect(await bulkhead(argv)).toBe(exitCodes.usage);
      expect(JSON.parse(out)).toEqual({ error: { code: 'ARGUMENT_INVALID', message: expect.stringMatching(message) as string, hint: 'See --help.' } });
    });

  it('exits with 2 for wrong usage, a value that the contract refuses included', async () => {
    for (const argv of [['frobnicate'], ['demo', 'up', '--nodes', 'many'], ['demo', 'kill'], ['demo', 'up', '--nodes', '99'], ['demo', 'database', 'drop']]) {
      expect(await bulkhead(argv), argv.join(' ')).toBe(exitCodes.usage);
    }
  });

  it('cancels the call under way at Ctrl-C', async () => {
    const interrupt = new AbortController();
    const code = await bulkhead(['failover', 'drill'], {
      'failover.drill': async (_args, { signal }: CallContext) => {
        setImmediate(() => interrupt.abort());
        await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
        throw new BulkheadError('CANCELLED');
      },
    }, interrupt.signal);
    expect(code).toBe(exitCodes.interrupted);
  });

  it('runs as many drills as asked for, one after the other, and tells what they come to', async () => {
    let run = 0;
    const drill: NonNullable<Partial<Handlers>['failover.drill']> = async () => {
      run += 1;
      return { killedNodeId: `node-${run}`, epochBefore: run, newMaster: 'node-9', epochAfter: run + 1, masterAfterMs: run * 100, probes: { sent: 50, failed: 0, slowestMs: 80 }, restoredAfterMs: 900 };
    };
    expect(await bulkhead(['failover', 'drill', '--times', '3', '--json'], { 'failover.drill': drill })).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toMatchObject({ drills: [{ killedNodeId: 'node-1' }, {}, { killedNodeId: 'node-3' }], masterAfterMs: { count: 3, p50: 200, p99: 300, max: 300 }, probes: { sent: 150, failed: 0 } });
    expect(await bulkhead(['failover', 'drill', '--times', '2'], { 'failover.drill': drill })).toBe(exitCodes.ok);
    expect(out).toMatch(/without a master\s+2\s+400\s+500\s+500/);
    expect(out).toContain('0 of 100 requests failed');
    for (const times of ['0', '101', '2.5', 'many']) expect(await bulkhead(['failover', 'drill', '--times', times], { 'failover.drill': drill }), times).toBe(exitCodes.usage);
    expect(run).toBe(5);
  });

  it('tells what earlier drills measured', async () => {
    const drills = [{ killedNodeId: 'node-1', epochBefore: 1, newMaster: 'node-2', epochAfter: 2, masterAfterMs: 310, probes: { sent: 50, failed: 1, slowestMs: 80 }, restoredAfterMs: null, at: 1 }];
    expect(await bulkhead(['failover', 'drills'], { 'failover.drills': async () => ({ drills }) })).toBe(exitCodes.ok);
    expect(out).toContain('1 of 50 requests failed');
    expect(out).not.toContain('serves again');
    expect(await bulkhead(['failover', 'drills'], { 'failover.drills': async () => ({ drills: [] }) })).toBe(exitCodes.ok);
    expect(out).toMatch(/No drill has been run\n$/);
  });

  it('has an exit code for every error code', () => {
    const allowed = new Set<number>(Object.values(exitCodes));
    for (const code of Object.keys(errorCodes)) expect(allowed.has(exitCodeOf(code)), code).toBe(true);
    expect(exitCodeOf('OF_A_NEWER_VERSION')).toBe(exitCodes.failed);
  });
});

describe('the rest', () => {
  it('prints help with examples and exit codes for the program, and examples for demo', async () => {
    expect(await bulkhead(['--help'])).toBe(exitCodes.ok);
    expect(out).toContain('Exit codes:');
    expect(out).toContain('bulkhead demo up --nodes 3');
    for (const name of ['demo', 'status', 'budget', 'failover', 'events', 'logs', 'console']) expect(out).toMatch(new RegExp(`^  ${name}`, 'm'));
    expect(await bulkhead(['--version'])).toBe(exitCodes.ok);
    expect(out).toContain('1.2.3');
  });

  it('prints events oldest first, one JSON value a line, and cannot be made to steer the terminal', async () => {
    const entry: JournalEntry = { id: 2, at: 0, clusterId: 'demo', source: 'observed', severity: 'info', type: 'x', nodeId: null, message: 'red \u001b[31m', detail: {} };
    const handlers: Partial<Handlers> = { 'journal.list': async () => ({ entries: [entry, { ...entry, id: 1 }], more: false }) };
    await bulkhead(['events', '--json'], handlers);
    expect(out.trim().split('\n').map((line) => (JSON.parse(line) as JournalEntry).id)).toEqual([1, 2]);
    out = '';
    await bulkhead(['events'], handlers);
    expect(out).not.toContain('\u001b');
  });

  it('hands the console its options', async () => {
    await bulkhead(['console', '--port', '9000', '--no-open']);
    await bulkhead(['console']);
    expect(consoleRuns).toEqual([{ port: 9000, open: false }, { port: 0, open: true }]);
  });

  it('says in status that nothing serves, by text and exit code', async () => {
    const off = {
      clusterId: 'demo', name: 'demo', kind: 'demo', at: 0, lifecycle: 'off', failure: null, freshness: 'unknown', balancer: null, nodes: [],
      master: null, masterlessMs: null, database: null, databaseState: 'unknown', filestore: null, collectionLocked: null, lastHeard: null,
    } as const;
    const elsewhere = { clusterId: 'c', nodes: [], settings: { name: 'art', database: { host: 'db' }, filestore: '/srv/art' } } as never;
    const code = await bulkhead(['status'], { 'topology.watch': async function* watch() { yield { ...off, nodes: [] }; }, 'clusters.lan': async () => [elsewhere] });
    expect(code).toBe(exitCodes.notRunning);
    expect(out).toContain('master    none');
    expect(out).toContain('on hosts  art: bulkhead status --cluster art');
  });
});

describe('a cluster on hosts', () => {
  it('is named with --cluster, before or behind the name of a command', async () => {
    const asked: unknown[] = [];
    const explained = { arithmetic: [{ label: 'x', value: 1, sign: '' }], oneMoreNode: { fits: true, sentence: 'it fits' } } as never;
    const handlers: Partial<Handlers> = {
      'budget.explain': async (args) => { asked.push(args); return explained; },
      'budget.setGrants': async (args) => { asked.push(args); return explained; },
      'failover.history': async (args) => { asked.push(args); return { asOf: '', epochs: [] }; },
      'failover.drill': async (args) => { asked.push(args); throw new BulkheadError('CONFIRMATION_NEEDED'); },
    };
    const outcome = async (...argv: string[]): Promise<number> => bulkhead(argv, handlers);
    await outcome('budget', '--cluster', 'art', '--json');
    await outcome('budget', 'set', '--cluster', 'art', '--pool-max', '15', '--node', 'one');
    await outcome('budget', 'set', '--reset');
    await outcome('failover', 'status', '--cluster', 'art');
    expect(await outcome('failover', 'drill', '--cluster', 'art')).toBe(exitCodes.refused);
    await outcome('failover', 'drill', '--cluster', 'art', '--confirm', 'art');
    expect(asked).toEqual([
      { clusterId: 'art' }, { clusterId: 'art', poolMax: 15, nodeId: 'one' }, { clusterId: 'demo' }, { clusterId: 'art' }, { clusterId: 'art' }, { clusterId: 'art', confirm: 'art' },
    ]);
    for (const argv of [['budget', 'set'], ['budget', 'set', '--reset', '--pool-max', '4'], ['budget', 'set', '--pool-max', 'many']]) expect(await outcome(...argv)).toBe(exitCodes.usage);
  });
});
