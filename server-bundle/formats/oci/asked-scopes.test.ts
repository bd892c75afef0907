import fc from 'fast-check';
import { expect, it } from 'vitest';
import { askedParts } from './asked-scopes.ts';

it('pulling reads, pushing writes and moves tags, deleting deletes', () => {
  expect(askedParts(['repository:images/team/app:pull'], null, [])).toEqual([{ repository: 'images', pattern: 'team/app/**', actions: ['read'] }]);
  expect(askedParts(['repository:images/app:pull,push'], null, [])).toEqual([
    { repository: 'images', pattern: 'app/**', actions: ['read', 'deploy'] }, { repository: 'images', pattern: 'app/*/manifest.json', actions: ['delete'] },
  ]);
  expect(askedParts(['repository:images/app:delete'], null, [])).toEqual([{ repository: 'images', pattern: 'app/**', actions: ['read', 'delete'] }]);
  expect(askedParts(['repository:images/app:*'], null, [])).toEqual([{ repository: 'images', pattern: 'app/**', actions: ['read', 'deploy', 'delete'] }]);
});

it('where the address names the repository the scope does not', () => {
  expect(askedParts(['repository:team/app:pull'], 'images', [])).toEqual([{ repository: 'images', pattern: 'team/app/**', actions: ['read'] }]);
});

it('several at once, and the catalog', () => {
  expect(askedParts(['repository:a/b:pull repository:a/c:pull', 'repository:d/e:pull'], null, [])).toHaveLength(3);
  expect(askedParts(['registry:catalog:*'], null, ['a', 'b']).map(({ repository }) => repository)).toEqual(['a', 'b']);
  expect(askedParts(['registry:catalog:*'], 'b', ['a', 'b']).map(({ repository }) => repository)).toEqual(['b']);
});

it.each(['', 'repository', 'repository:a:pull', 'repository:a/B:pull', 'repository:a/b:', 'repository:a/b:sing', 'registry:other:*', 'repository:/b:pull', 'repository:a/**:pull'])('%s grants nothing', (scope) => {
  expect(askedParts([scope], null, ['a'])).toEqual([]);
});

it('any text is understood or left out', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.string().map((text) => `repository:a/${text}:pull`))), (scopes) => {
    for (const { pattern } of askedParts(scopes, null, [])) expect(pattern.replace(/\/\*\*$/, '')).toMatch(/^[a-z0-9._/-]+$/);
  }));
});
