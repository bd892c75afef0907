import { expect, it } from 'vitest';
import { emptyTarget, patternsOf, targetDraft, targetProblems } from './permission-draft.ts';
import { nameProblem } from './access-words.ts';

it('reads patterns out of one line, and writes them back', () => {
  expect(patternsOf(' org/acme/** ,, *.jar,')).toEqual(['org/acme/**', '*.jar']);
  expect(patternsOf('')).toEqual([]);
  const target = { name: 't', repositories: ['a'], includes: ['x/**', 'y'], excludes: [], grants: [] };
  expect(patternsOf(targetDraft(target).includes)).toEqual(target.includes);
});

it('does not share lists with what it was made of', () => {
  const target = { name: 't', repositories: ['a'], includes: [], excludes: [], grants: [{ kind: 'user' as const, name: 'u', actions: ['read' as const] }] };
  const draft = targetDraft(target);
  draft.repositories.push('b');
  draft.grants[0]?.actions.push('deploy');
  expect(target.repositories).toEqual(['a']);
  expect(target.grants[0]?.actions).toEqual(['read']);
});

it('says what is wrong', () => {
  expect(targetProblems(emptyTarget(), [])).toEqual({ name: 'A name is needed', repositories: 'Choose at least one' });
  for (const name of ['a/b', 'x'.repeat(129), 'taken']) expect(targetProblems({ ...emptyTarget(), name, repositories: ['r'] }, ['taken']), name).toHaveProperty('name');
  expect(targetProblems({ ...emptyTarget(), name: 'ok name', repositories: ['r'] }, ['taken'])).toEqual({});
});

it('knows which names users and groups can have', () => {
  expect(nameProblem('ci-1', ['ci'], 'user')).toBeNull();
  for (const name of ['', ' a', '-a', 'a/b', 'CI', 'x'.repeat(65)]) expect(nameProblem(name, ['ci'], 'user'), name).not.toBeNull();
});
