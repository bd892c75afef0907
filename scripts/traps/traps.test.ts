import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../build.ts';
import { documentWith } from './document.ts';
import { traps } from './traps.ts';

const read = (file: string): string => readFileSync(join(projectRoot, file), 'utf8');

test('every trap is there, in its order', () => {
  expect([...new Set(traps.map(({ number }) => number))]).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
  expect(traps.map(({ number }) => number)).toEqual(traps.map(({ number }) => number).sort((a, b) => a - b));
});

test.each(traps.map((trap) => [trap.number, trap.happens, trap] as const))('%i, %s: the rule is where it is said to be, and so are its tests', (_number, _happens, { tests, removal }) => {
  expect(tests.length).toBeGreaterThan(0);
  for (const { file, name } of tests) {
    const text = read(file);
    // a name is that of a group, a test, or both; a table of tests puts its values in
    const parts = name.split(' ');
    const starts = parts.some((_, at) => text.includes(parts.slice(at).join(' ')) && (at === 0 || text.includes(`'${parts.slice(0, at).join(' ')}'`)));
    expect(starts || text.includes(name.replace(/ \(.*$/, '')), `${file}: ${name}`).toBe(true);
  }
  for (const { file, find } of removal) expect(read(file).split(find).length - 1, `${file}: ${find}`).toBe(1);
});

test('the document tells of each', async () => {
  const { present, wanted } = await documentWith(traps);
  expect(present).toBe(wanted);
});
