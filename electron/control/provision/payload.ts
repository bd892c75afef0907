import { z } from 'zod';

/** A file that is shipped to a host, compressed on its way. */
export const payload = z.object({
  /** name inside the release folder */
  name: z.enum(['node', 'bulkhead-node.cjs']),
  /** of the unpacked file */
  sha256: z.string(),
  bytes: z.number().int(),
  mode: z.enum(['755', '644']),
});
export type Payload = z.infer<typeof payload>;
