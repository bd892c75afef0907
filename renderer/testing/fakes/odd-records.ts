import type { GroupSummary, UserSummary } from '../../../electron/contract/index.ts';
import { repository, type FakeRepository } from './content-records.ts';

/** What nobody designs for and somebody has: the longest names that are allowed, other scripts, thousands of entries, nothing at all. */
const longKey = `team-platform-payments-reconciliation-nightly-snapshots-archive`;
const words = 'Everything that the reconciliation of payments has ever written, kept because nobody dares to delete it';

export function oddRepositories(): FakeRepository[] {
  return [
    repository(longKey, 'local', 'generic', `${words}. ${words}. ${words}.`, 4_812_340, 918_400_000_000_000),
    repository('z', 'local', 'generic', '\u6f22\u5b57\u306e\u8aac\u660e \u2014 \u0645\u0633\u062a\u0648\u062f\u0639 \u2014 \ud83d\udce6\ud83d\udce6\ud83d\udce6', 0, 0),
  ];
}

/** Files of the repository whose content the gallery knows. */
export function oddFiles(): Map<string, number> {
  const files = new Map<string, number>();
  for (let number = 0; number < 10_000; number += 1) files.set(`com/acme/many/build-${String(number).padStart(5, '0')}.log`, 1024 * number);
  files.set(`com/acme/names/${'a-very-long-name-without-any-place-to-break-it-'.repeat(5)}.jar`, 12);
  files.set('com/acme/names/\u6f22\u5b57 \u0645\u0633\u062a\u0648\u062f\u0639 \ud83d\udce6 %20 & <b>.txt', 0);
  files.set(`com/acme/names/${Array.from({ length: 24 }, (_, depth) => `level-${String(depth)}`).join('/')}/deep.txt`, 7);
  return files;
}

const longGroup = 'group-with-a-long-name-that-goes-on-and-on-until-it-does-not-fit-anywhere';

export function oddUsers(): UserSummary[] {
  const user = (name: string, email: string, more: Partial<UserSummary> = {}): UserSummary => ({ name, email, role: 'user', groups: [], disabled: false, locked: false, hasPassword: true, own: false, ...more });
  return [
    user('service-account-of-the-nightly-reconciliation-of-payments-in-europe', 'the-team-that-nobody-remembers-the-name-of@subsidiary.of.a.company.example', { groups: Array.from({ length: 12 }, (_, number) => `group-with-a-long-name-${String(number)}`) }),
    user('\u5c71\u7530.\u592a\u90ce', '', { disabled: true, hasPassword: false, groups: [longGroup] }),
  ];
}

export function oddGroups(): GroupSummary[] {
  return [{ name: longGroup, description: `${words}.`, autoJoin: false, adminPrivileges: true, members: Array.from({ length: 40 }, (_, number) => `member-${String(number)}`) }];
}
