import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentSecurityPolicy } from './headers.ts';
import { screenFile } from './screen-files.ts';

let folder: string;
let root: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-screens-'));
  root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<!doctype html><title>screens</title>');
  await writeFile(join(root, 'assets', 'index-DrG3hT9x.js'), 'export {};');
  await writeFile(join(folder, 'secret.txt'), 'outside');
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
  await mkdir(`${root}-sibling`);
  await writeFile(join(`${root}-sibling`, 'other.txt'), 'sibling');
  await symlink(`${root}-sibling`, join(root, 'sibling'));
});
afterAll(() => rm(folder, { recursive: true }));

const text = (body: Uint8Array): string => new TextDecoder().decode(body);

it('serves the page for every address inside the app, never cached, under the policy', async () => {
  for (const path of ['/', '/index.html', '/topology', '/failover/12']) {
    const answer = await screenFile(root, path);
    expect(answer.status, path).toBe(200);
    expect(text(answer.body)).toContain('<title>screens');
    expect(answer.headers).toMatchObject({
      'Content-Security-Policy': contentSecurityPolicy,
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  }
});

it('lets a browser keep files whose name holds their hash', async () => {
  const answer = await screenFile(root, '/assets/index-DrG3hT9x.js');
  expect(answer.headers['Content-Type']).toBe('text/javascript; charset=utf-8');
  expect(answer.headers['Cache-Control']).toContain('immutable');
});

it.each([
  '/../secret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt', '/..%5csecret.txt', '/link.txt',
  '/sibling/other.txt', '/index.html%00.txt', '/%zz', '/missing.js', 'secret.txt', '/assets/./index-DrG3hT9x.js',
])('gives nothing for %s', async (path) => {
  expect((await screenFile(root, path)).status).toBe(404);
});

it('allows no inline code and no foreign origin', () => {
  expect(contentSecurityPolicy.replace("img-src 'self' data:", '')).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
  expect(contentSecurityPolicy).toContain("default-src 'none'");
});
