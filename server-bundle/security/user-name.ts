import { z } from 'zod';

const form = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;

/** Names are lower-case, as in Artifactory: no two users differ by case only. */
export const userName = z.string().regex(form, 'use 1 to 64 of a-z, 0-9, ".", "_", "@", "+" and "-", beginning with a letter or digit')
  .refine((name) => name !== 'anonymous', 'is reserved');

export function isUserName(name: string): boolean {
  return form.test(name);
}
