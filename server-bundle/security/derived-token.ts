import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { isProof as sameText } from './cluster-proof.ts';
import { narrowingText, parseScope, type TokenScope } from './permissions/token-scope.ts';
import type { Action, Principal } from './principal.ts';
import { passwordDigest, proofOf, type ParentProof, type Proof } from './proof.ts';
import type { ClusterKeys } from './rotating-secrets.ts';

/** What a derived token is good for: these actions, at paths that the (Ant style) pattern takes. */
export interface DerivedPart {
  readonly repository: string;
  readonly pattern: string;
  readonly actions: readonly Action[];
}

const form = /^bhd_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;
const parentProof = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), user: z.string(), digest: z.string() }),
  z.object({ kind: z.literal('token'), hash: z.string() }),
  z.object({ kind: z.literal('anonymous') }),
]);
const payload = z.object({ parent: parentProof, scope: z.string(), expires: z.number().int() });

export function looksDerived(token: string): boolean {
  return form.test(token);
}

/**
 * Mints a short-lived token that narrows what its bearer may (Docker's token authentication: one per login and repository). Nothing is stored:
 * any node verifies it with the cluster key, and it stands on the credentials that it was derived from. Every use looks them up as if they had been
 * sent themselves, from the cache, so a changed password, a revoked token, a disabled user or a right that was taken away ends it at once, everywhere. It
 * never adds a right: each `authorize` asks the user's rights as well.
 *
 * @param principal of the request; anonymous too, where anonymous read is on
 * @param parts at least one; an action that the principal has not is harmless
 * @param seconds life time; keep it short, since it cannot be revoked by itself
 * @returns `bhd_PAYLOAD.MAC`, sent as `Authorization: Bearer`; undefined for a principal without credentials of its own (somebody inside
 *          the process, or one who came with a derived token)
 */
export function deriveToken(keys: Pick<ClusterKeys, 'current'>, principal: Principal, parts: readonly [DerivedPart, ...DerivedPart[]], seconds: number): string | undefined {
  const parent = parentOf(proofOf(principal));
  if (parent === undefined) return undefined;
  const expires = Math.floor(Date.now() / 1000) + seconds;
  const text = Buffer.from(JSON.stringify({ parent, scope: narrowingText(parts), expires } satisfies z.infer<typeof payload>)).toString('base64url');
  return `bhd_${text}.${macOf(keys.current, text)}`;
}

/** What a derived token proves; undefined for one that no key of the cluster has signed, or that has expired by this host's clock. */
export function readDerived(keys: ClusterKeys, token: string): Proof | undefined {
  const [, text = '', mac = ''] = form.exec(token) ?? [];
  if (!keys.accepted.some((key) => sameText(mac, macOf(key, text)))) return undefined;
  const { parent, scope: scopeText, expires } = payload.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  const scope: TokenScope | undefined = parseScope(scopeText);
  if (scope === undefined || expires * 1000 <= Date.now()) return undefined;
  return { kind: 'derived', parent, scope };
}

function parentOf(proof: Proof | undefined): ParentProof | undefined {
  switch (proof?.kind) {
    case 'password': return { kind: 'password', user: proof.user, digest: passwordDigest(proof.encoded) };
    case 'token': return { kind: 'token', hash: proof.hash };
    case 'anonymous': return { kind: 'anonymous' };
    default: return undefined;
  }
}

function macOf(key: Buffer, text: string): string {
  return createHmac('sha256', key).update('bulkhead derived token 1\n').update(text).digest('base64url');
}
