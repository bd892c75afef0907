import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Payloads } from './payloads.ts';

let folder: string;
let files: { runtimes: { x64: string; arm64: string }; bundle: string; version: string; cacheFolder: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-payloads-'));
  files = { runtimes: { x64: join(folder, 'x64'), arm64: join(folder, 'arm64') }, bundle: join(folder, 'bundle'), version: '1.2.3', cacheFolder: join(folder, 'cache') };
  for (const name of ['x64', 'arm64', 'bundle']) writeFileSync(join(folder, name), `the ${name}`);
});
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const unpacked = async (payloads: Payloads, payload: Parameters<Payloads['packed']>[0]): Promise<string> => gunzipSync(readFileSync((await payloads.packed(payload)).path)).toString();

it('ships the runtime for the CPU of the host, under a name of its own', async () => {
  const payloads = new Payloads(files);
  const [usual, arm] = [await payloads.release(), await payloads.release('arm64')];
  expect([usual.cpu, arm.cpu]).toEqual(['x64', 'arm64']);
  expect(usual.name).not.toBe(arm.name);
  expect(await unpacked(payloads, usual.runtime)).toBe('the x64');
  expect(await unpacked(payloads, arm.runtime)).toBe('the arm64');
  expect(await unpacked(payloads, arm.bundle)).toBe('the bundle');
});

it('goes on with what another start of the same app has begun', async () => {
  const { runtime } = await new Payloads(files).release('arm64');
  expect(await unpacked(new Payloads(files), runtime)).toBe('the arm64');
});

it('refuses what another version has begun, and says which runtime is missing', async () => {
  const { runtime } = await new Payloads(files).release();
  writeFileSync(files.runtimes.x64, 'a newer one');
  await expect(new Payloads(files).packed(runtime)).rejects.toMatchObject({ code: 'VERSION_UNSUPPORTED' });
  const without = new Payloads({ ...files, runtimes: { ...files.runtimes, arm64: '' } });
  await expect(without.release('arm64')).rejects.toMatchObject({ code: 'BINARY_MISSING' });
  expect((await without.release()).cpu).toBe('x64');
});

it('packs a large file in pieces that are one file again when they are unpacked', async () => {
  const content = randomBytes(9_000_000);
  writeFileSync(files.runtimes.x64, content);
  const payloads = new Payloads(files);
  const { path } = await payloads.packed((await payloads.release()).runtime);
  expect(execFileSync('gzip', ['-dc', path], { maxBuffer: 20_000_000 }).equals(content)).toBe(true);
});
