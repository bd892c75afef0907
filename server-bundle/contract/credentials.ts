import { z } from 'zod';

/** `GET /api/v1/cluster/credentials`: what the node that answers holds in memory at this moment. */
export const credentialsInUse = z.object({
  apiVersion: z.literal(1),
  nodeId: z.string(),
  /** ids of the cluster keys, the one that it proves itself with first; they tell nothing of the keys */
  keys: z.array(z.string()),
  /** how many database passwords it would try */
  passwords: z.number().int(),
  /** stored secrets of webhooks that are still sealed with another key than this node's present one; the master seals them anew */
  sealedOtherwise: z.number().int(),
});
export type CredentialsInUse = z.infer<typeof credentialsInUse>;
