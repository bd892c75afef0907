import { expect, it } from 'vitest';
import type { RunUpload } from '../../contract/index.ts';
import { UploadMeter } from './upload-meter.ts';

function meter(): { at: (ms: number, sent: number) => void; told: RunUpload[] } {
  const told: RunUpload[] = [];
  let now = 0;
  const under = new UploadMeter('node', (upload) => told.push(upload), () => now);
  return { told, at: (ms, sent) => { now = ms; under.progress(sent, 100_000); } };
}

it('counts what an earlier attempt brought as sent, and not as fast', () => {
  const { at, told } = meter();
  at(0, 60_000);
  at(1000, 70_000);
  expect(told).toEqual([{ file: 'node', sentBytes: 60_000, totalBytes: 100_000, bytesPerSecond: null }, { file: 'node', sentBytes: 70_000, totalBytes: 100_000, bytesPerSecond: 10_000 }]);
});

it('tells four times a second at most, and always the end', () => {
  const { at, told } = meter();
  for (let ms = 0; ms < 1000; ms += 10) at(ms, ms * 10);
  expect(told).toHaveLength(4);
  at(1001, 100_000);
  expect(told.at(-1)).toMatchObject({ sentBytes: 100_000 });
});

it('gives the rate of the last seconds, not of the whole', () => {
  const { at, told } = meter();
  for (let second = 0; second <= 10; second += 1) at(second * 1000, second * 1000);
  for (let second = 11; second <= 16; second += 1) at(second * 1000, 10_000 + (second - 10) * 5000);
  expect(told.at(-1)?.bytesPerSecond).toBe(5000);
});
