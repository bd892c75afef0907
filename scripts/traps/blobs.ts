import type { Trap } from './trap.ts';

const order = 'test/cluster/tasks/collection-order.test.ts';
const overtaken = 'server-bundle/repositories/overtaken.test.ts';

/** What can go wrong with bytes that are collected, or are not there. */
export const blobs: readonly Trap[] = [
  {
    number: 8,
    happens: 'A blob is referenced while the collector waits for its row: a check in the same statement looks at a snapshot from before',
    rule: 'The first statement locks the blob, a later one looks for references; whoever adds one locks it too and requires that there is no tombstone',
    tests: [{ file: order, name: 'a blob that is being referenced while the collector looks at it keeps no tombstone: the lock first, the look in a later statement' }],
    removal: [
      { file: 'server-bundle/metadata/collection.ts', find: 'const list = [...ids];', replace: 'const list = [...ids];\n  const seen = await referencedAmong(trx, ids);' },
      { file: 'server-bundle/metadata/collection.ts', find: 'const used = await referencedAmong(trx, dueIds);', replace: 'const used = seen;' },
    ],
  },
  {
    number: 8,
    happens: '… and the collector was first: the deploy refers to a blob that is about to be deleted',
    rule: 'A reference is only added to a blob that has no tombstone under the lock',
    tests: [{ file: order, name: 'a blob that is being referenced while the collector looks at it sees the tombstone when the collector was first, and stores the content anew' }],
    removal: [{ file: 'server-bundle/metadata/blobs.ts', find: ".where('id', 'in', [...new Set(ids)]).where('tombstoned_at', 'is', null)", replace: ".where('id', 'in', [...new Set(ids)])" }],
  },
  {
    number: 9,
    happens: 'Content comes back while its old bytes are about to be deleted, and a late deletion takes the new ones',
    rule: 'A tombstone is final for its generation: the content gets a new name, and whoever asks for it is told that it is not there',
    tests: [
      { file: 'server-bundle/repositories/place-blob.test.ts', name: 'gives content whose blob has a tombstone a new name' },
      { file: 'server-bundle/repositories/deploy.test.ts', name: 'deploying by checksum answers that it does not know what is not stored, has a tombstone, or has lost its file' },
    ],
    removal: [
      { file: 'server-bundle/metadata/blobs.ts', find: ".where(`blob.${algorithm}`, '=', digest).where('tombstoned_at', 'is', null)", replace: '.where(`blob.${algorithm}`, \'=\', digest)' },
      { file: 'server-bundle/metadata/blobs.ts', find: ".where('sha256', '=', sql<string>`any(${digests}::text[])`).where('tombstoned_at', 'is', null)", replace: ".where('sha256', '=', sql<string>`any(${digests}::text[])`)" },
      { file: 'server-bundle/metadata/blobs.ts', find: ".where('id', 'in', [...new Set(ids)]).where('tombstoned_at', 'is', null)", replace: ".where('id', 'in', [...new Set(ids)])" },
    ],
  },
  {
    number: 10,
    happens: 'The share is not mounted: on the bare mount point every file is absent, and every row is "healed" with a new file that the share will hide',
    rule: 'An absence counts only under a marker that was seen afterwards, and only a certain one is healed',
    tests: [{ file: overtaken, name: 'a blob whose file is not there is not healed onto a bare mount point: there every file is absent' },
      { file: overtaken, name: 'a blob whose file is not there is not healed when the share went away only after it was looked for' }],
    removal: [
      { file: 'server-bundle/filestore/filestore.ts', find: '    if (first !== null) return first;\n    await this.verify();', replace: '    if (first !== null) return first;' },
      { file: 'server-bundle/filestore/marker.ts', find: "  if (found === null) throw new BulkheadError('FILESTORE_UNAVAILABLE', `${path} holds no cluster marker: is the share mounted?`);\n  if (found !== clusterId)", replace: '  if (found === null) return;\n  if (found !== clusterId)' },
    ],
  },
  {
    number: 10,
    happens: '… or it goes away in the middle of a collection, and all bytes seem to be deleted already',
    rule: 'Absent files count as deleted only when the share is the right one afterwards',
    tests: [{ file: 'server-bundle/filestore/filestore.test.ts', name: 'removing many takes nothing for gone when the share goes away in the middle of it' }],
    removal: [{ file: 'server-bundle/filestore/filestore.ts', find: 'if (removed.absent > 0) await this.verify();', replace: '' }],
  },
];
