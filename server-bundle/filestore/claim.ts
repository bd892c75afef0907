import { open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCode } from './failures.ts';
import { syncFolder } from './durable-files.ts';

const claimFile = 'collection.json';

const collectionClaim = z.object({
  /** the history of the database that may collect here; a confirmation by a person begins a new one */
  line: z.string(),
  systemIdentifier: z.string(),
  /** which of the server's databases, by its number */
  database: z.string(),
  timeline: z.number().int(),
  epoch: z.number().int(),
  /** of that epoch: two masters of one number have different ones */
  leaseId: z.string(),
});

/** Who deletes from a filestore: a master, by its fencing token. */
export type CollectionClaim = z.infer<typeof collectionClaim>;

/** Whose the filestore's collection is. `unreadable`: a file is there that says nothing; null: nobody has deleted anything yet. */
export async function readClaim(root: string): Promise<CollectionClaim | 'unreadable' | null> {
  try {
    const parsed = collectionClaim.safeParse(JSON.parse(await readFile(join(root, claimFile), 'utf8')));
    return parsed.success ? parsed.data : 'unreadable';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}

/** Replaces the claim in one step; on disk when it resolves. */
export async function writeClaim(root: string, claim: CollectionClaim): Promise<void> {
  const draft = join(root, `${claimFile}.${claim.leaseId}`);
  try {
    const file = await open(draft, 'w', 0o644);
    try {
      await file.writeFile(`${JSON.stringify(claim, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(root, claimFile));
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await syncFolder(root);
}
