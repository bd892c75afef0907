/**
 * What a durable PUT cannot do without, and nothing else: write, fsync, rename, insert one row. A process of its own, which works for as
 * many milliseconds as it is told and answers how often it managed, with 32 at a time as the other subjects get them.
 */
import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool } from 'pg';
import { z } from 'zod';

const settings = z.object({ folder: z.string(), connection: z.string(), bytes: z.number(), pool: z.number(), workers: z.number() });
const { folder, connection, bytes, pool, workers } = settings.parse(JSON.parse(process.argv[2] ?? ''));
const database = new Pool({ connectionString: connection, max: pool });
let counter = 0;

async function once(): Promise<void> {
  counter += 1;
  const name = join(folder, `${String(process.pid)}-${String(counter)}`);
  const file = await open(`${name}.part`, 'wx');
  await file.write(randomBytes(bytes));
  await file.sync();
  await file.close();
  await rename(`${name}.part`, name);
  await database.query({ name: 'insert', text: 'insert into bare (name, size) values ($1, $2)', values: [name, bytes] });
}

process.on('message', (milliseconds: number) => {
  const until = performance.now() + milliseconds;
  const begun = performance.now();
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < until) {
      await once();
      done += 1;
    }
  };
  Promise.all(Array.from({ length: workers }, work)).then(() => { process.send?.(done / (performance.now() - begun) * 1000); }, (error: unknown) => { console.error(error); process.exit(1); });
});
await database.query('create table if not exists bare (id bigint generated always as identity primary key, name text not null, size bigint not null)');
process.send?.('ready');
