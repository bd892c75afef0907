import { z } from 'zod';

/** What is kept of a distribution beside its bytes; read from METADATA or PKG-INFO when it is deployed. */
export const distributionFacts = z.object({
  /** as the project writes itself */
  name: z.string().optional(),
  /** as the project writes it */
  version: z.string().optional(),
  /** PEP 345: a version specifier */
  requiresPython: z.string().nullable().default(null),
  /** a wheel's METADATA, for those who want to know it without the wheel (PEP 658) */
  metadata: z.object({
    sha256: z.string(),
    /** packed with gzip, in base64; left out where only the index is wanted */
    gzip: z.string().optional(),
  }).nullable().default(null),
  /** PEP 592: not to be chosen unless it is asked for by its exact version; the reason, or true */
  yanked: z.union([z.string(), z.literal(true)]).optional(),
});
export type DistributionFacts = z.infer<typeof distributionFacts>;

const nothing: DistributionFacts = { requiresPython: null, metadata: null };

/** Facts as they are stored; empty ones for a file that came without (from a repository of another format). */
export function readFacts(stored: unknown): DistributionFacts {
  const parsed = distributionFacts.safeParse(stored);
  return parsed.success ? parsed.data : nothing;
}
