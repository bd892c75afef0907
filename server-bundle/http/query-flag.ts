import { z } from 'zod';

/** A flag of Artifactory's in a query: there without a value, or with 1 or 0. */
export const flag = z.enum(['', '0', '1', 'true', 'false']).transform((value) => value !== '0' && value !== 'false');
