import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import { boundaries, refuseFile, refusePackage } from './boundaries.ts';
import { onlyIn, refuseImport } from './only-in.ts';

test.each([
  ['renderer/a.ts', 'electron/contract/index.ts'],
  ['electron/control/demo/a.ts', 'electron/control/demo/b.ts'],
  ['electron/control/demo/a.ts', 'electron/control/journal/index.ts'],
  ['electron/control/demo/a.ts', 'server-bundle/contract/index.ts'],
  ['electron/shells/cli/a.ts', 'electron/control/demo/index.ts'],
  ['server-bundle/http/a.ts', 'server-bundle/cluster/ports.ts'],
  ['server-bundle/http/a.test.ts', 'test/harness/postgres.ts'],
  ['test/cluster/a.test.ts', 'server-bundle/main.ts'],
])('%s may import %s', (from, to) => {
  expect(refuseFile(from, to)).toBeUndefined();
});

test.each([
  ['renderer/a.ts', 'electron/control/index.ts'],
  ['renderer/a.ts', 'server-bundle/contract/index.ts'],
  ['electron/contract/a.ts', 'electron/control/index.ts'],
  ['electron/control/demo/a.ts', 'server-bundle/main.ts'],
  ['electron/control/demo/a.ts', 'electron/control/journal/journal.ts'],
  ['electron/control/demo/a.ts', 'electron/shells/cli/main.ts'],
  ['electron/shells/cli/a.ts', 'electron/control/demo/processes.ts'],
  ['electron/shells/cli/a.ts', 'renderer/main.ts'],
  ['server-bundle/http/a.ts', 'electron/contract/index.ts'],
  ['server-bundle/contract/a.ts', 'server-bundle/http/errors.ts'],
  ['server-bundle/http/a.ts', 'test/harness/postgres.ts'],
])('%s may not import %s', (from, to) => {
  expect(refuseFile(from, to)).toBeTypeOf('string');
});

test('packages a folder may not know', () => {
  expect(refusePackage('renderer/a.ts', 'node:fs')).toBeDefined();
  expect(refusePackage('renderer/a.ts', 'fs')).toBeDefined();
  expect(refusePackage('renderer/a.ts', 'vue')).toBeUndefined();
  expect(refusePackage('electron/control/a.ts', 'electron')).toBeDefined();
  expect(refusePackage('electron/shells/desktop/a.ts', 'electron')).toBeUndefined();
});

test('dangerous imports belong to one place', () => {
  expect(refuseImport('server-bundle/http/a.ts', 'kysely', 'sql', false)).toBeDefined();
  expect(refuseImport('server-bundle/http/a.ts', 'kysely', 'Transaction', true)).toBeUndefined();
  expect(refuseImport('server-bundle/metadata/a.ts', 'kysely', 'sql', false)).toBeUndefined();
  expect(refuseImport('server-bundle/http/a.ts', 'child_process', 'spawn', false)).toBeDefined();
  expect(refuseImport('server-bundle/http/a.ts', 'node:crypto', 'timingSafeEqual', false)).toBeDefined();
  expect(refuseImport('server-bundle/http/a.ts', 'node:crypto', 'createHash', false)).toBeUndefined();
});

test('the rules report what they refuse, through every form of import', () => {
  const config: Linter.Config = {
    files: ['**/*.ts'],
    plugins: { bulkhead: { rules: { boundaries, 'only-in': onlyIn } } },
    rules: { 'bulkhead/boundaries': 'error', 'bulkhead/only-in': 'error' },
  };
  const code = [
    `import a from '../../electron/control/index.ts';`,
    `export { b } from '../../renderer/b.ts';`,
    `export * from '../../test/c.ts';`,
    `await import('../../scripts/d.ts');`,
    `import { exec } from 'node:child_process';`,
    `import { fine } from '../cluster/ports.ts';`,
  ].join('\n');
  const found = new Linter({ cwd: '/project' }).verify(code, config, { filename: '/project/server-bundle/http/a.ts' });
  expect(found.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
});
