import { expect, it } from 'vitest';
import { diffLines, diffSummary } from './diff-lines.ts';

const unified = ['--- /etc/nginx/a.conf', '+++ /etc/nginx/a.conf', '@@ -3,3 +3,4 @@', ' keep', '-old', '+new', '+--- not a header', ' end', '\\ No newline at end of file', ''].join('\n');

it('numbers both sides of a diff', () => {
  expect(diffLines(unified)).toEqual([
    { kind: 'hunk', text: '@@ -3,3 +3,4 @@', before: null, after: null },
    { kind: 'same', text: 'keep', before: 3, after: 3 },
    { kind: 'removed', text: 'old', before: 4, after: null },
    { kind: 'added', text: 'new', before: null, after: 4 },
    { kind: 'added', text: '--- not a header', before: null, after: 5 },
    { kind: 'same', text: 'end', before: 5, after: 6 },
  ]);
});

it('counts what changes', () => {
  expect([diffSummary(unified), diffSummary('')]).toEqual(['2 lines added, 1 removed', 'no change']);
});
