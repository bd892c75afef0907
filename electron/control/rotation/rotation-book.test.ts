import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openState, writeSetting, type State } from '../state/index.ts';
import { RotationBook } from './rotation-book.ts';

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
