import { z } from 'zod';

/** How much a shown value can be trusted. `stale`: older than three polling intervals; `unknown`: never heard, or too old to show as a fact. */
export const freshness = z.enum(['live', 'stale', 'unknown']);
