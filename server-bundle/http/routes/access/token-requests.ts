import { z } from 'zod';
import type { AccessToken } from '../../../metadata/tokens.ts';
import type { NewToken } from '../../../security/token-changes.ts';

const tenYears = 10 * 365 * 24 * 3600;
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** What asks for a token: Artifactory's form fields, or JSON. */
export const tokenRequest = z.object({
  grant_type: z.enum(['client_credentials', 'refresh_token']).default('client_credentials'),
  username: z.string().optional(),
  scope: z.string().max(10_000).optional(),
  expires_in: z.coerce.number().int().min(0).max(tenYears).default(3600),
  refreshable: flag.default(false),
  /** each of our tokens can be revoked */
  revocable: flag.optional(),
  refresh_token: z.string().optional(),
  access_token: z.string().optional(),
  description: z.string().max(256).default(''),
  audience: z.string().optional(),
}).refine((body) => body.grant_type !== 'refresh_token' || body.refresh_token !== undefined, { path: ['refresh_token'], message: 'is missing' });

export const revocation = z.object({ token: z.string().optional(), token_id: z.uuid().optional() })
  .refine((body) => (body.token === undefined) !== (body.token_id === undefined), 'name either token or token_id');

/** The answer to whoever gets a token (RFC 6749, section 5.1). */
export function tokenAnswer(made: NewToken): Record<string, unknown> {
  return {
    token_id: made.id, access_token: made.token, ...(made.refreshToken === null ? {} : { refresh_token: made.refreshToken }),
    expires_in: made.seconds, scope: made.scope, token_type: 'Bearer',
  };
}

/** A token in a list; the token itself is not known any more. */
export function shownToken(token: AccessToken): Record<string, unknown> {
  return {
    token_id: token.id, issuer: 'bulkhead', subject: token.actsAs.replace(/^token:/, ''), description: token.description, refreshable: token.refreshable,
    scope: token.scopeText ?? 'applied-permissions/user', kind: token.kind,
    issued_at: seconds(token.createdAt.getTime()), ...(token.expiresAt === null ? {} : { expiry: seconds(token.expiresAt) }),
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
