import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BuildError, ensurePart } from './ensure.ts';
import type { Part } from './parts.ts';

const part: Part = { title: 'sample', inputs: ['source'], outputs: ['out/result'], command: ['build.mjs'] };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bulkhead-build-'));
  await mkdir(join(root, 'source'));
  await writeFile(join(root, 'source', 'a.ts'), 'one');
  await writeFile(join(root, 'build.mjs'), `
    import { appendFileSync, copyFileSync, mkdirSync } from 'node:fs';
    appendFileSync('runs', 'x');
    mkdirSync('out', { recursive: true });
    copyFileSync('source/a.ts', 'out/result');
  `);
});
afterEach(() => rm(root, { recursive: true }));

const runs = async (): Promise<number> => (await readFile(join(root, 'runs'), 'utf8').catch(() => '')).length;
const ensure = (): Promise<boolean> => ensurePart('sample', part, { root });

test('builds once, and again when a source or an output changed', async () => {
  expect(await ensure()).toBe(true);
  expect(await ensure()).toBe(false);
  await writeFile(join(root, 'source', 'a.test.ts'), 'a test is no input');
  expect(await ensure()).toBe(false);
  await writeFile(join(root, 'source', 'a.ts'), 'two');
  expect(await ensure()).toBe(true);
  expect(await readFile(join(root, 'out', 'result'), 'utf8')).toBe('two');
  await rm(join(root, 'out', 'result'));
  expect(await ensure()).toBe(true);
  expect(await runs()).toBe(3);
});

test('builds once when many ask at the same time', async () => {
  const answers = await Promise.all([ensure(), ensure(), ensure(), ensure()]);
  expect(answers.filter((built) => built)).toHaveLength(1);
  expect(await runs()).toBe(1);
});

test('a failed build says why, and is tried again', async () => {
  await ensure();
  await writeFile(join(root, 'build.mjs'), 'console.error("no such thing as a.ts"); process.exit(3);');
  await writeFile(join(root, 'source', 'a.ts'), 'three');
  await expect(ensure()).rejects.toThrow(/ended with 3[^]*no such thing as a\.ts/);
  await expect(ensure()).rejects.toBeInstanceOf(BuildError);
});

test('a build that does not write what it promised has failed', async () => {
  await writeFile(join(root, 'build.mjs'), '');
  await expect(ensure()).rejects.toThrow('it did not write out/result');
});
