import type { Kysely } from 'kysely';
import { dropRight, recordRight, revokeRight } from '../../metadata/rights.ts';
import { endStrays, liveMembers } from '../../metadata/membership.ts';
import type { Database } from '../../metadata/schema.ts';
import type { RightsStore } from './rights-store.ts';

/** The rights of all members in the metadata database. */
export function databaseRights(work: Kysely<Database>, incarnation: string, livePids: () => Promise<readonly number[]>): RightsStore {
  return {
    record: () => recordRight(work, incarnation),
    drop: (right) => dropRight(work, incarnation, right),
    revoke: (member, right) => revokeRight(work, member, right),
    members: () => liveMembers(work),
    settled: async (agoMs) => (await endStrays(work, incarnation, await livePids(), agoMs)) === 0,
  };
}
