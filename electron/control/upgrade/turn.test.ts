import { expect, it } from 'vitest';
import { lanSettings, type RunUpload } from '../../contract/index.ts';
import { target } from '../provision/testing/target.ts';
import { Payloads, type CommandResult, type RemoteCommand, type RemoteHost } from '../provision/index.ts';
import type { TurnProgress } from './record.ts';
import { HostTurn } from './turn.ts';

const runId = '6f1f0f5e-0000-4000-8000-000000000000';

/** A host whose switches say what is given, look by look; the first look at a switch that was begun here finds it done. */
class FakeHost implements Pick<RemoteHost, 'run'> {
  readonly begun: string[] = [];
  readonly #looks: string[];

  constructor(looks: readonly string[]) {
    this.#looks = [...looks];
  }

  run = ({ argv }: RemoteCommand): Promise<CommandResult> => {
    const text = argv.join(' ');
    if (text.includes('systemd-run')) this.begun.push(text);
    const isLook = text.includes('is-active');
    return Promise.resolve({ exitCode: 0, stderr: '', stdout: !isLook ? '' : this.#looks.shift() ?? 'inactive\n@ 1 undrain begin\n@ 2 end done\n' });
  };
}

function turn(host: FakeHost, changes: Partial<TurnProgress>[] = []): HostTurn {
  return new HostTurn({
    runId, nodeId: 'n1', to: '0.2.0-b', from: '0.1.0-a', who: 'ops on desk', signal: new AbortController().signal, record: () => ({}), onChange: (change) => { changes.push(change); }, onUpload: () => undefined,
    settings: lanSettings.parse({ name: 'art', database: { host: 'db' }, filestore: '/srv/bulkhead' }),
    host: { run: host.run, upload: () => Promise.reject(new Error('nothing is uploaded here')), forward: () => Promise.reject(new Error('no')), close: () => Promise.resolve() },
    payloads: new Payloads({ runtimes: { x64: '/none', arm64: '/none' }, bundle: '/none', version: '0', cacheFolder: '/none' }),
  });
}

it('begins a switch and follows it to its end', async () => {
  const host = new FakeHost(['active\n@ 1 drain begin\n', 'active\n@ 1 drain begin\n@ 2 prove begin\n']);
  const changes: Partial<TurnProgress>[] = [];
  expect(await turn(host, changes).carryOut(0, false)).toMatchObject({ end: 'done' });
  expect(host.begun).toHaveLength(1);
  expect(changes.flatMap(({ step }) => step ?? [])).toEqual(['lock', 'upload', 'drain', 'drain', 'prove', 'undrain']);
});

it('follows a switch that another program has begun, and begins none', async () => {
  const host = new FakeHost(['active\n@ 1 stop begin\n', 'active\n@ 1 stop begin\n', 'inactive\n@ 1 stop begin\n@ 9 end done\n']);
  expect(await turn(host).carryOut(1, true)).toMatchObject({ end: 'done' });
  expect(host.begun).toEqual([]);
});

it('waits for the end of a switch the other way before it begins its own', async () => {
  const host = new FakeHost(['active\n@ 1 stop begin\n', 'active\n@ 1 stop begin\n', 'inactive\n@ 1 stop begin\n@ 9 end done\n']);
  expect(await turn(host).carryOut(1, false)).toMatchObject({ end: 'done' });
  expect(host.begun).toHaveLength(1);
  expect(host.begun[0]).toContain(`${runId}.2.log`);
});

it('begins anew what was cut off by a restart of the host', async () => {
  const host = new FakeHost(['inactive\n@ 1 stop begin\n']);
  expect(await turn(host).carryOut(1, true)).toMatchObject({ end: 'done' });
  expect(host.begun).toHaveLength(1);
});

it('tells how far a file is on its way, and that none is any more, also when it breaks off', async () => {
  const { release } = target;
  const told: (RunUpload | null)[] = [];
  const host: Pick<RemoteHost, 'run'> = { run: ({ argv }) => Promise.resolve({ exitCode: argv.join(' ').includes('sha256sum') ? 1 : 0, stdout: '', stderr: '' }) };
  const turnTo = new HostTurn({
    runId, nodeId: 'n1', to: release.name, from: '0.1.0-a', who: 'ops on desk', signal: new AbortController().signal, record: () => ({}), onChange: () => undefined, onUpload: (upload) => { told.push(upload); },
    settings: lanSettings.parse({ name: 'art', database: { host: 'db' }, filestore: '/srv/bulkhead' }),
    host: {
      ...host, forward: () => Promise.reject(new Error('no')), close: () => Promise.resolve(),
      upload: (_file, _to, _signal, progress) => {
        progress?.(0, 100);
        progress?.(100, 100);
        return Promise.reject(new Error('the connection is lost'));
      },
    },
    payloads: { release: () => Promise.resolve(release), packed: () => Promise.resolve({ path: '/none', sha256: 'aa', mode: 0o755 }) },
  });
  await expect(turnTo.carryOut(0, false)).rejects.toThrow('the connection is lost');
  expect(told).toMatchObject([{ file: 'node', sentBytes: 0, totalBytes: 100 }, { sentBytes: 100 }, null]);
});
