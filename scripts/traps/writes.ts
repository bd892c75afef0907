import type { Trap } from './trap.ts';

const overtaken = 'server-bundle/repositories/overtaken.test.ts';

/** What can go wrong with a write. */
export const writes: readonly Trap[] = [
  {
    number: 1,
    happens: 'A node freezes with a request, the balancer sends it to another one, the client overwrites the result, and the first node wakes up and commits the old request',
    rule: 'The commit records the id of the request, which stays the same over the balancer\'s retries: a duplicate changes nothing and gets the first answer',
    tests: [{ file: 'server-bundle/repositories/deploy.test.ts', name: 'deploying lets a frozen writer that wakes up after its replay change nothing' }],
    removal: [{ file: 'server-bundle/metadata/commit-once.ts', find: 'const recordKey = key ?? newRecordKey();', replace: 'const recordKey = newRecordKey();' }],
  },
  {
    number: 2,
    happens: 'The connection to the database breaks while COMMIT is under way: nobody can tell by the error whether the file is referred to',
    rule: 'The outcome is looked up by the recorded request; the file stays for as long as the commit may still come',
    tests: [
      { file: 'server-bundle/repositories/unknown-outcome.test.ts', name: 'a commit that is still on its way is waited for' },
      { file: 'server-bundle/repositories/unknown-outcome.test.ts', name: 'while the outcome cannot be found out, the file stays' },
    ],
    removal: [{ file: 'server-bundle/metadata/commit-once.ts', find: 'if (progress.committing) return await settle(db, incarnation, recordKey, error);', replace: '' },
      { file: 'server-bundle/metadata/deploy-files.ts', find: "return { how: 'settled', committed: await settle(db, given.record_incarnation, given.record_id, broken) };", replace: 'throw asFailure(await Promise.resolve(broken));' }],
  },
  {
    number: 3,
    happens: 'A writer that was declared dead was only frozen, and comes back to its transaction',
    rule: 'Marked gone first, then its sessions are ended, then its holds and leftovers go; a new connection of a gone incarnation is refused',
    tests: [
      { file: 'test/cluster/lease.test.ts', name: 'nothing of an incarnation that was marked gone gets a new session' },
      { file: 'test/cluster/traps/dead-sessions.test.ts', name: 'a database that is another one, or on another timeline, is no session for this incarnation' },
    ],
    removal: [{ file: 'server-bundle/metadata/connection/identity.ts', find: "if (row.gone) throw new IncarnationGone('the incarnation was marked gone');", replace: '' }],
  },
  {
    number: 4,
    happens: 'A file appears in a folder between its listing and its deletion: caches were told of what was listed only',
    rule: 'A folder is prepared by its prefix',
    tests: [
      { file: overtaken, name: 'a folder takes what appears in it after it was prepared: no other node answers it from memory afterwards when it is deleted' },
      { file: overtaken, name: 'a folder takes what appears in it after it was prepared: no other node answers it from memory afterwards when it is moved' },
    ],
    removal: [{ file: 'server-bundle/repositories/touched.ts', find: '{ keys: [], prefixes: [cacheKeys.artifactsBelow(repository.id, folder), ...', replace: '{ keys: [], prefixes: [...' }],
  },
  {
    number: 4,
    happens: '… and a prefix is nothing to a cache that knows keys only',
    rule: 'What is below a prefix is dropped, and held until the change is over',
    tests: [{ file: 'server-bundle/cluster/coherence/coherence.test.ts', name: 'prefixes hold what is below them' }],
    removal: [{ file: 'server-bundle/cluster/coherence/read-cache.ts', find: 'for (const key of [...this.#values.keys()]) if (below(key)) this.#values.delete(key);', replace: '' },
      { file: 'server-bundle/cluster/coherence/holds.ts', find: 'for (const prefix of new Set(hold.prefixes)) this.#prefixes.add(prefix, by);', replace: 'void this.#prefixes;' }],
  },
  {
    number: 5,
    happens: 'A new path changes what other paths answer: computed metadata, listings, what a virtual repository resolves',
    rule: 'Every derived answer is prepared with it',
    tests: [
      { file: overtaken, name: 'a new path changes what other paths answer computed metadata that another node has in memory' },
    ],
    removal: [{ file: 'server-bundle/repositories/place-blob.ts', find: ': { keys: repository.format.touches(repository, request.path) };', replace: ': { keys: [] };' }],
  },
  {
    number: 5,
    happens: '… and a repository becomes a member of a virtual one meanwhile',
    rule: 'The configuration of a repository is prepared like any other answer',
    tests: [{ file: overtaken, name: 'a new path changes what other paths answer what a virtual repository answers, also through a member that it has just got' }],
    removal: [{ file: 'server-bundle/repositories/administration.ts', find: '{ keys: [cacheKeys.repository(repository.key), cacheKeys.accessModel()], prefixes:', replace: '{ keys: [cacheKeys.accessModel()], prefixes:' }],
  },
  {
    number: 5,
    happens: '… or is deployed by a configuration that is being changed',
    rule: 'The commit checks the generation of the configuration that the request was checked against',
    tests: [{ file: overtaken, name: 'a new path changes what other paths answer a deploy that was checked against a configuration is not committed under another one' }],
    removal: [{ file: 'server-bundle/metadata/migrations/0012-deploy-file.ts', find: 'or present_generation <> of_generation', replace: '' },
      { file: 'server-bundle/repositories/guards.ts', find: '|| present.generation !== repository.generation', replace: '' }],
  },
  {
    number: 6,
    happens: 'The handler of a chunk wakes up when its upload has been finished, and writes into what was published',
    rule: 'Every attempt writes a file of its own; finishing writes a new one',
    tests: [{ file: 'test/cluster/oci/push.test.ts', name: 'Pushing a blob in chunks a chunk whose handler is held up changes nothing of what was finished without it' }],
    removal: [{ file: 'server-bundle/filestore/pieces.ts', find: "`${uploadId}.${incarnation.replaceAll('-', '')}-${String(++this.#counter)}`;", replace: "`${uploadId}.${'0'.repeat(32)}-1`;" },
      { file: 'server-bundle/filestore/pieces.ts', find: "open(path, 'wx', 0o644)", replace: "open(path, 'a', 0o644)" }],
  },
  {
    number: 7,
    happens: 'A shard folder was never synced in its parent: after a power loss it is gone, with everything in it',
    rule: 'All shards are made and synced at initialization',
    tests: [{ file: 'server-bundle/filestore/durability.test.ts', name: 'a new filestore: the folders are synced in their parents' }],
    removal: [{ file: 'server-bundle/filestore/marker.ts', find: 'for (const folder of [blobsFolder(path), path]) await syncFolder(folder);', replace: '' }],
  },
];
