import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { downloadServer, electronBinary, type BinaryOptions, type ElectronBinary } from './electron-binary.ts';

let folder: string;
let packageFolder: string;
let memory: string;
let server: Server;
let mirror: string;
let downloads: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-electron-'));
  packageFolder = join(folder, 'electron');
  memory = join(folder, 'cache', 'electron-download');
  mkdirSync(packageFolder);
  downloads = 0;
  server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  mirror = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const options = (more: Partial<BinaryOptions> = {}): BinaryOptions => ({
  packageFolder, memory, environment: { ELECTRON_MIRROR: mirror }, onDownload: () => { downloads += 1; }, ...more,
});
const installer = (script: string): void => writeFileSync(join(packageFolder, 'install.js'), script);
const reason = (binary: ElectronBinary): string => ('missing' in binary ? binary.missing : 'found');
const succeeding = `const fs = require('fs'), path = require('path');
fs.mkdirSync(path.join(__dirname, 'dist')); fs.writeFileSync(path.join(__dirname, 'dist', 'electron'), ''); fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron');`;

it('downloads once, and then finds what is there', async () => {
  installer(succeeding);
  const path = join(packageFolder, 'dist', 'electron');
  expect(await electronBinary(options())).toEqual({ path });
  expect(await electronBinary(options())).toEqual({ path });
  expect(downloads).toBe(1);
  expect(existsSync(memory)).toBe(false);
});

it('finds out quickly that there is no network, remembers it for a while, then tries again', async () => {
  installer(succeeding);
  server.close();
  const offline = await electronBinary(options());
  expect(reason(offline)).toContain('cannot be reached');
  expect(downloads).toBe(0);
  expect(reason(await electronBinary(options()))).toMatch(/cannot be reached.*tried 1 min ago; delete .*electron-download/);
  expect(reason(await electronBinary(options({ retryAfterMs: -1, environment: {}, probeMs: 0 })))).not.toContain('tried');
});

it('does not wait for ever for a download', async () => {
  installer('setInterval(() => {}, 1000)');
  expect(await electronBinary(options({ downloadMs: 300 }))).toEqual({ missing: 'its download took longer than 0 s' });
});

it('tells why a download failed', async () => {
  installer('console.error("Error: checksum mismatch"); process.exit(1)');
  expect(await electronBinary(options())).toEqual({ missing: 'its download failed: Error: checksum mismatch' });
  expect(readFileSync(memory, 'utf8')).toContain('checksum mismatch');
});

it('respects a download that is switched off', async () => {
  installer(succeeding);
  expect(reason(await electronBinary(options({ environment: { ELECTRON_SKIP_BINARY_DOWNLOAD: '1' } })))).toContain('switched off');
});

it('asks the proxy or the mirror where there is one', () => {
  expect(downloadServer({}).hostname).toBe('github.com');
  expect(downloadServer({ ELECTRON_MIRROR: 'https://mirror.example/electron/' }).hostname).toBe('mirror.example');
  expect(downloadServer({ HTTPS_PROXY: 'http://proxy.example:3128', ELECTRON_MIRROR: 'https://mirror.example/' }).host).toBe('proxy.example:3128');
  expect(downloadServer({ HTTPS_PROXY: 'nonsense' }).hostname).toBe('github.com');
});
