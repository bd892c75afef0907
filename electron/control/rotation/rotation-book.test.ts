import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newLanCluster } from '../../contract/index.ts';
import { Fleet, LanClusters } from '../fleet/index.ts';
import { nodeRunUnderWay } from '../provision/index.ts';
import { createFileBox, SecretStore } from '../secrets/index.ts';
import { insertRunRow, openState, writeSetting, type State } from '../state/index.ts';
import { RotationBook } from './rotation-book.ts';
import { refuseWhileRotating } from './unfinished.ts';

let folder: string;
let state: State;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-rotation-'));
  state = openState(folder);
});
afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
});

const progress = { clusterId: 'c', what: 'cluster-key', phase: 2, phases: 3, title: 'every node uses the new key', nodeId: 'art-1' } as const;

it('lets one program at a time begin, and another one go on under the same name once it is gone', () => {
  const other = openState(folder);
  const book = new RotationBook(state);
  const id = book.begin('c', 'cluster-key');
  book.beat('c', progress);
  const elsewhere = new RotationBook(other);
  expect(() => elsewhere.begin('c', 'database-password')).toThrow(expect.objectContaining({ code: 'HOST_LOCKED' }));
  expect(elsewhere.isUnderWay(elsewhere.read('c'))).toBe(true);
  // a program that was killed says nothing more
  const { attempt, ...rest } = book.read('c');
  writeSetting(other, 'rotation/c', JSON.stringify({ ...rest, attempt: { ...attempt, heartbeatAt: Date.now() - 60_000 } }));
  expect(elsewhere.isUnderWay(elsewhere.read('c'))).toBe(false);
  expect(elsewhere.read('c').attempt?.progress).toEqual(progress);
  expect(elsewhere.begin('c', 'cluster-key')).toBe(id);
  other.close();
});

it('knows when each secret was replaced, and forgets an attempt only when it is done', () => {
  const book = new RotationBook(state);
  const id = book.begin('c', 'cluster-key');
  book.end('c', 'cluster-key', false);
  expect(book.isUnderWay(book.read('c'))).toBe(false);
  expect(book.read('c').replacedAt).toEqual({});
  expect(book.begin('c', 'cluster-key')).toBe(id);
  book.end('c', 'cluster-key', true);
  expect(book.read('c')).toMatchObject({ attempt: null, replacedAt: { 'cluster-key': expect.any(Number) as number } });
  expect(book.begin('c', 'cluster-key')).not.toBe(id);
  book.noteCopy('d', 5);
  expect(book.read('d').keyCopiedAt).toBe(5);
  expect(book.read('c').keyCopiedAt).toBeNull();
});

it('lets nothing be provisioned while a secret is being replaced, nor once that was left half done', async () => {
  const clusters = new LanClusters(state, new Fleet(state), new SecretStore(state, createFileBox(folder)));
  const cluster = await clusters.create(newLanCluster.parse({ name: 'art', filestore: '/srv/f', database: { host: 'db', name: 'a', user: 'a' } }));
  const { clusterId } = cluster;
  const book = new RotationBook(state);
  await expect(refuseWhileRotating(clusters, book, cluster)).resolves.toBeUndefined();
  book.begin(clusterId, 'database-password');
  await expect(refuseWhileRotating(clusters, book, cluster)).rejects.toMatchObject({ code: 'ROTATION_UNFINISHED', details: { what: 'database-password' } });
  book.end(clusterId, 'database-password', false);
  await expect(refuseWhileRotating(clusters, book, cluster)).resolves.toBeUndefined();
  await clusters.setSecret(clusterId, 'next-key', 'x');
  await expect(refuseWhileRotating(clusters, book, cluster)).rejects.toMatchObject({ code: 'ROTATION_UNFINISHED', hint: expect.stringContaining('bulkhead cluster rotate art cluster-key') as string });
});

it('finds the run that makes a node, as long as somebody carries it out', () => {
  const insert = (id: string, change: { state?: 'done'; kind?: 'balancer'; heartbeatAt?: number }): void => {
    insertRunRow(state, { id, kind: 'provision', clusterId: 'c', hostId: 'h', nodeId: 'n', target: '{}', state: 'running', failure: null, startedAt: 0, endedAt: null, heartbeatAt: Date.now(), ...change }, []);
  };
  insert('ended', { state: 'done' });
  insert('left', { heartbeatAt: 0 });
  insert('balancer', { kind: 'balancer' });
  expect(nodeRunUnderWay(state, 'c')).toBeUndefined();
  insert('present', {});
  expect(nodeRunUnderWay(state, 'c')?.runId).toBe('present');
  expect(nodeRunUnderWay(state, 'other')).toBeUndefined();
});
