import { z } from 'zod';
import { isoTime } from './cluster.ts';

const count = z.number().int();

/** What the repositories hold, as the master last added it up. */
export const storageSummary = z.object({
  calculatedAt: isoTime,
  /** each content once */
  blobs: z.object({ blobs: count, bytes: count }),
  repositories: z.array(z.object({ key: z.string(), rclass: z.string(), packageType: z.string(), files: count, folders: count, bytes: count })),
});
export type StorageSummary = z.infer<typeof storageSummary>;
