import { expect, it } from 'vitest';
import type { ArtifactItem } from '../../electron/contract/index.ts';
import { removeItemAction } from './item-actions.ts';

const moment = '2026-11-20T12:00:00Z';
const folder: ArtifactItem = { kind: 'folder', repository: 'libs', path: 'a/b', created: moment, createdBy: 'anna', modified: moment, modifiedBy: 'anna', properties: {}, children: [] };
const breaks = (rclass: 'local' | 'remote', trash: boolean): string => removeItemAction(folder, rclass, 'demo', { files: 2, bytes: 10, trash }, null, () => undefined).question?.breaks.join('\n') ?? '';

it('says whether what is deleted can be had again', () => {
  expect(breaks('local', true)).toMatch(/not found/);
  expect(breaks('local', true)).not.toMatch(/cannot be undone/);
  expect(breaks('local', false)).toMatch(/cannot be undone/);
  // a cache forgets it, and fetches it when somebody wants it: there is a trash can all the same
  expect(breaks('remote', false)).toMatch(/from the upstream/);
  expect(breaks('remote', false)).not.toMatch(/cannot be undone|not found/);
});
