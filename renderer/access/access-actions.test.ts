import { expect, it } from 'vitest';
import type { GroupSummary } from '../../electron/contract/index.ts';
import { removeGroupAction } from './access-actions.ts';

const group = (change: Partial<GroupSummary>): GroupSummary => ({ name: 'ops', description: '', autoJoin: false, adminPrivileges: false, members: ['ann', 'bob'], ...change });
const breaks = (change: Partial<GroupSummary>, targets: readonly string[]): readonly string[] => removeGroupAction('lan', group(change), targets, null, () => undefined).question?.breaks ?? [];

it('says what members of a group lose with it: what targets give, and being administrators', () => {
  expect(breaks({}, [])).toEqual([]);
  expect(breaks({}, ['ci', 'own']).join(' ')).toContain('What ci, own give to the group is lost for them');
  expect(breaks({ adminPrivileges: true }, []).join(' ')).toContain('They are administrators by it');
  expect(breaks({ adminPrivileges: true }, ['ci'])).toHaveLength(3);
});
