import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followFile } from './follow-file.ts';
import { parseLogLine } from './parse-line.ts';

let folder: string;
let file: string;
let abort: AbortController;
let follow: ReturnType<typeof followFile>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-logs-'));
  file = join(folder, 'node-1.log');
  abort = new AbortController();
  follow = followFile(file, abort.signal);
});
afterEach(async () => {
  abort.abort();
  await follow.return(undefined);
  await rm(folder, { recursive: true, force: true });
});

const numbered = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');

it('gives the last 200 lines first, then what is written, line by line', async () => {
  await writeFile(file, `${numbered(1, 300)}half`);
  const lines = numbered(101, 300).trimEnd().split('\n');
  expect((await follow.next()).value).toEqual({ reset: true, lines });
  await appendFile(file, ' and whole\n');
  expect((await follow.next()).value).toEqual({ reset: false, lines: ['half and whole'] });
});

it('begins anew when the file is replaced, or emptied', async () => {
  await writeFile(file, numbered(1, 3));
  await follow.next();
  await rename(file, `${file}.1`);
  await writeFile(file, 'of the new file\n');
  expect((await follow.next()).value).toEqual({ reset: true, lines: ['of the new file'] });
  await truncate(file, 0);
  expect((await follow.next()).value).toEqual({ reset: true, lines: [] });
  await appendFile(file, 'after\n');
  expect((await follow.next()).value).toEqual({ reset: false, lines: ['after'] });
});

it('waits for a file that is not there yet, and ends when asked', async () => {
  expect((await follow.next()).value).toEqual({ reset: true, lines: [] });
  const next = follow.next();
  await writeFile(file, 'now\n');
  expect((await next).value).toEqual({ reset: true, lines: ['now'] });
  const last = follow.next();
  abort.abort();
  expect((await last).done).toBe(true);
});

it('reads the lines of pino, with what they carry', () => {
  expect(parseLogLine('{"level":40,"time":1700000000000,"pid":1,"nodeId":"node-1","msg":"request","method":"GET","status":503,"path":"/artifactory/x","ms":1.5,"user":null,"code":"NOT_SERVING"}', 5))
    .toEqual({ at: 1_700_000_000_000, level: 'warn', topic: 'GET', text: 'x 503 1.5 ms NOT_SERVING' });
  expect(parseLogLine('{"level":30,"msg":"request","method":"PUT","status":201,"path":"/artifactory/a/b","ms":8.9,"user":"ci"}', 5))
    .toMatchObject({ topic: 'PUT', text: 'a/b 201 8.9 ms by ci' });
  expect(parseLogLine('{"level":30,"part":"tasks","msg":"task begins","task":"gc"}', 5)).toMatchObject({ topic: 'tasks', text: 'task begins task=gc' });
  expect(parseLogLine('{"level":60,"msg":"gone"}', 5)).toEqual({ at: 5, level: 'error', topic: 'node', text: 'gone' });
});

it('keeps what is no JSON as it is', () => {
  expect(parseLogLine('FATAL: out of memory', 5)).toEqual({ at: 5, level: 'error', topic: 'output', text: 'FATAL: out of memory' });
  expect(parseLogLine('{"half', 5)).toMatchObject({ topic: 'output', text: '{"half' });
});
