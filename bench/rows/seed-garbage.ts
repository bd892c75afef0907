import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { blobFile } from '../../server-bundle/filestore/layout.ts';
import type { Ours } from '../peers/ours.ts';

const bytes = 1024;
const writer = createHash('md5').update('seed').digest('hex');
/** Files written before anything else of this process gets a turn. */
const writtenAtOnce = 500;

/** Blobs with real files that nothing refers to any more, since a day and an hour; as a repository leaves them that was emptied. */
export async function seedGarbage({ cluster }: Ours, count: number, say: (text: string) => void): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const content = `garbage ${String(number)}`.padEnd(bytes);
    const sha256 = createHash('sha256').update(content).digest('hex');
    writeFileSync(blobFile(cluster.filestore, { sha256, generation: `${writer}-${String(number)}` }), content);
    if (number % writtenAtOnce === 0) await new Promise(setImmediate);
  }
  say(`${String(count)} files without a reference written`);
  await cluster.postgres.query(`
    with garbage as (
      insert into blob (sha256, generation, size, sha1, md5)
      select encode(sha256(convert_to(content, 'UTF8')), 'hex'), '${writer}-' || n, ${String(bytes)}, left(md5(content) || md5(content), 40), md5(content)
      from (select n, rpad('garbage ' || n, ${String(bytes)}) as content from generate_series(0, ${String(count - 1)}) as n) as numbered returning id
    )
    insert into collection_candidate (blob_id, since) select id, clock_timestamp() - interval '25 hours' from garbage`, cluster.database);
  for (const table of ['blob', 'collection_candidate']) await cluster.postgres.query(`vacuum analyze ${table}`, cluster.database);
  await cluster.postgres.query('checkpoint', cluster.database);
}
