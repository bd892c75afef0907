import { pino } from 'pino';
import { expect, test } from 'vitest';
import { hotLine } from './hot-line.ts';

const read = { id: 'n-1', method: 'GET', path: '/artifactory/r/a+b~1.jar', status: 200, seconds: 0.01234, bytesOut: 1500, user: 'ann', address: '192.0.2.1', at: 1_700_000_000_123 } as const;

function logged(level: string, write: (log: pino.Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(pino({ level, base: { nodeId: 'n"1' } }, { write: (line: string) => { lines.push(line); } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('the line is the one that pino writes', () => {
  for (const user of ['ann', 'Ann "the\u2028 builder" \u20ac\n']) {
    const [ours, pinos] = logged('info', (log) => {
      hotLine(log, true)({ ...read, user });
      const { id, method, path, status, bytesOut, address } = read;
      log.info({ reqId: id, method, path, status, ms: 12.3, bytesIn: 0, bytesOut, user, address }, 'request');
    });
    expect({ ...ours, time: null }).toEqual({ ...pinos, time: null });
    expect(Object.keys(ours ?? {})).toEqual(Object.keys(pinos ?? {}));
    expect(ours?.['time']).toBe(read.at);
  }
});

test('nothing is written when nobody wants to know of every request', () => {
  expect(logged('info', (log) => { hotLine(log, false)(read); })).toEqual([]);
  expect(logged('warn', (log) => { hotLine(log, true)(read); })).toEqual([]);
});
