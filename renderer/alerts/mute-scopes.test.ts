import { expect, it } from 'vitest';
import { muteScopes } from './mute-scopes.ts';

it('offers the narrowest silence first, and never all of it beside an alert', () => {
  expect(muteScopes('disk', 'Disk nearly full', 'art-1')).toEqual([
    { label: '“Disk nearly full” of art-1', rule: 'disk', subject: 'art-1' },
    { label: 'everything about art-1', rule: null, subject: 'art-1' },
    { label: '“Disk nearly full” everywhere', rule: 'disk', subject: null },
  ]);
  expect(muteScopes(null, null, null)).toEqual([{ label: 'every alert of the cluster', rule: null, subject: null }]);
});
