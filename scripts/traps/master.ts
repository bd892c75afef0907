import type { Trap } from './trap.ts';

const early = 'test/cluster/traps/early-takeover.test.ts';
const busy = 'test/cluster/traps/busy-writers.test.ts';
const dead = 'test/cluster/traps/dead-sessions.test.ts';
const databases = 'test/cluster/traps/two-databases.test.ts';

/** What can go wrong with the master and with the database. */
export const master: readonly Trap[] = [
  {
    number: 20,
    happens: 'A master freezes in its work, another one takes over, and the work of the first lands afterwards: an epoch that is only read fences nothing',
    rule: 'The first statement of master\'s work locks the row of the epoch for sharing; a takeover changes that row, waits for it, or ends the predecessor\'s session',
    tests: [{ file: busy, name: "the master's lease is renewed while its own work is under way, which a takeover would have to wait for" },
      { file: 'test/cluster/lease.test.ts', name: "a takeover waits for the predecessor's open transaction, and ends it: its effect cannot land later" }],
    removal: [{ file: 'server-bundle/metadata/leadership.ts', find: 'and lease_id = ${lease.leaseId} for share`.execute(trx);', replace: 'and lease_id = ${lease.leaseId}`.execute(trx);' }],
  },
  {
    number: 21,
    happens: 'A row that every write locks keeps whoever has to change it waiting for ever: joins, renewals, takeovers',
    rule: 'No row is locked by every write, and the lease is renewed in a row that no work locks',
    tests: [{ file: busy, name: "the master's lease is renewed while its own work is under way, which a takeover would have to wait for" }],
    removal: [{ file: 'server-bundle/metadata/leadership.ts', find: 'select epoch from leadership where epoch = ${lease.epoch} and lease_id = ${lease.leaseId} for share', replace: 'select epoch from leadership join leadership_renewal using (singleton) where epoch = ${lease.epoch} and leadership.lease_id = ${lease.leaseId} for share' }],
  },
  {
    number: 21,
    happens: '… and one that every deploy locks does the same to the members',
    rule: 'A deploy locks its paths, its blobs and nothing of the cluster',
    tests: [{ file: busy, name: 'joins, heartbeats, rights, grants, drains, ends and takeovers go on while every kind of write holds what it has locked' }],
    removal: [{ file: 'server-bundle/metadata/commit-once.ts', find: "if (confirmed === 'ahead') await request?.confirm(trx);", replace: "await trx.selectFrom('incarnation').select('id').forShare().execute();\n        if (confirmed === 'ahead') await request?.confirm(trx);" }],
  },
  {
    number: 22,
    happens: 'A firewall resets the links of nodes that live: one takeover follows the other',
    rule: 'Only a port that refuses and a heartbeat that is missing are enough for an early one',
    tests: [{ file: early, name: 'a port that accepts says that the process may live: silence alone waits for the TTL' }],
    removal: [{ file: 'server-bundle/cluster/membership/eviction.ts', find: 'if (!(await portRefuses(member.url, probeMs))) {', replace: 'if (!(await portRefuses(member.url, probeMs)) && mostAccepted < 0) {' }],
  },
  {
    number: 22,
    happens: '… although its heartbeats come',
    rule: 'A refused port alone is not enough',
    tests: [{ file: early, name: 'a port that refuses is not enough while heartbeats come; it is with the first that is missing' }],
    removal: [{ file: 'server-bundle/cluster/membership/eviction.ts', find: 'const waitMs = Math.min(retryMs, this.#ageDueMs(member, olderThanMs));', replace: 'const waitMs = 0;' },
      { file: 'server-bundle/cluster/membership/eviction.ts', find: "this.#evict(member, 'fail-over', { olderThanMs })", replace: "this.#evict(member, 'fail-over', { olderThanMs: 0 })" }],
  },
  {
    number: 22,
    happens: '… again and again',
    rule: 'After some takeovers in a row none is early any more',
    tests: [{ file: early, name: 'after some takeovers in a row none is early any more' }],
    removal: [{ file: 'server-bundle/cluster/membership/eviction.ts', find: 'if (this.#holdsLease(member) && this.#unplanned.length >= mostEarly) return;', replace: 'void mostEarly;' }],
  },
  {
    number: 23,
    happens: 'The database goes back in time or is another one (a failover, a restored dump, a copy): epochs repeat, acknowledged rows are gone, and two masters delete from one filestore',
    rule: 'Every new connection checks which database it is; before it deletes, a master holds its token (history, system, database, timeline, epoch) against the claim in the filestore; what is not its own to replace locks collection until a person has confirmed',
    tests: [{ file: databases, name: 'the copy of a database deletes nothing from its filestore, and says so until a person has confirmed' },
      { file: databases, name: 'a database that was set back deletes nothing: the filestore remembers a later epoch' }],
    removal: [{ file: 'server-bundle/tasks/claim.ts', find: 'if (reason !== null && found !== null) throw new ClaimedElsewhere(reason, found);', replace: 'if (reason !== null && found === null) throw new ClaimedElsewhere(reason, \'unreadable\');' }],
  },
  {
    number: 23,
    happens: '… and a session that is open goes on with it as if nothing had happened',
    rule: 'A connection to another system or timeline is no session of this incarnation',
    tests: [{ file: dead, name: 'a database that is another one, or on another timeline, is no session for this incarnation' }],
    removal: [{ file: 'server-bundle/metadata/connection/identity.ts', find: 'if (identity !== null && (row.systemIdentifier !== identity.systemIdentifier || row.timeline !== identity.timeline)) {', replace: 'if (identity !== null && identity.systemIdentifier === \'\') {' }],
  },
  {
    number: 24,
    happens: 'TCP believes in the sessions of a host without power: its connections are counted as free and taken by others, and the server has too many',
    rule: 'A grant is free when the server shows none of its sessions',
    tests: [{ file: dead, name: 'a grant is free when the server shows no session of its holder, and not when the holder is gone' }],
    removal: [{ file: 'server-bundle/metadata/grants.ts', find: "\n      and not exists (select from pg_stat_activity a where a.application_name like 'bulkhead:%:' || g.incarnation::text)\n    returning g.node_id", replace: '\n    returning g.node_id' }],
  },
  {
    number: 24,
    happens: '… or a pool is told to shrink, and another one grows before it has',
    rule: 'A shrink counts when the server confirms it',
    tests: [{ file: dead, name: 'a shrink counts when the server confirms it' }],
    removal: [{ file: 'server-bundle/metadata/grants.ts', find: '\n        and (select count(*) from pg_stat_activity where application_name like ${sessionsOf(incarnation)}) <= ${pool} + control', replace: '' }],
  },
  {
    number: 25,
    happens: 'A pooler between node and database drops the settings and names of sessions, and hides whose is which',
    rule: 'Every new connection asks for the process that serves it; behind a pooler a node does not start, and says which kind it is',
    tests: [{ file: 'test/cluster/pooler.test.ts', name: 'a node refuses to start behind pgbouncer (transaction)' }],
    removal: [{ file: 'server-bundle/metadata/connection/identity.ts', find: "if (expected.pooler === 'refused' && row.pid !== processOf(client)) throw new BulkheadError('DATABASE_POOLED');", replace: '' }],
  },
];
