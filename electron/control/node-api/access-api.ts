import { z } from 'zod';
import { auditPage, BulkheadError, type AuditPage } from '../../../server-bundle/contract/index.ts';
import type { NodeConnection } from './node-connection.ts';

const namedList = z.array(z.object({ name: z.string() }));
const storedUser = z.object({
  name: z.string(), email: z.string().nullish(), role: z.enum(['admin', 'deployer', 'reader', 'user']), disabled: z.boolean().default(false),
  locked: z.boolean().default(false), internalPasswordDisabled: z.boolean().default(false), groups: z.array(z.string()).default([]),
});
export type StoredUser = z.infer<typeof storedUser>;
const storedGroup = z.object({ name: z.string(), description: z.string().nullish(), autoJoin: z.boolean().default(false), adminPrivileges: z.boolean().default(false), userNames: z.array(z.string()).nullish() });
export type StoredGroup = z.infer<typeof storedGroup>;
const grants = z.record(z.string(), z.array(z.string())).default({});
const storedPermission = z.object({
  name: z.string(),
  repo: z.object({ repositories: z.array(z.string()), 'include-patterns': z.array(z.string()).default([]), 'exclude-patterns': z.array(z.string()).default([]), actions: z.object({ users: grants, groups: grants }).partial().default({}) }),
});
export type StoredPermission = z.infer<typeof storedPermission>;
const storedTokens = z.object({ tokens: z.array(z.object({ token_id: z.string(), subject: z.string(), description: z.string().nullish(), issued_at: z.number(), expiry: z.number().nullish(), refreshable: z.boolean().default(false) })) });
export type StoredToken = z.infer<typeof storedTokens>['tokens'][number];
const madeToken = z.object({ token_id: z.string(), access_token: z.string(), refresh_token: z.string().nullish(), expires_in: z.number().nullish() });

const storedExplanation = z.object({
  allowed: z.boolean(), shutOut: z.string().optional(),
  reasons: z.array(z.object({ text: z.string(), target: z.string().optional(), group: z.string().optional(), repository: z.string().optional() })),
  missing: z.array(z.object({ text: z.string(), target: z.string() })).default([]),
});
export type StoredExplanation = z.infer<typeof storedExplanation>;

const usersUrl = '/api/security/users';
const groupsUrl = '/api/security/groups';
const permissionsUrl = '/api/v2/security/permissions';
const tokensUrl = '/api/security/token';
/** Details that are asked for at once. */
const atOnce = 8;
const changeMs = 15_000;

/** Users, groups, permission targets and tokens, as one node answers for its cluster. */
export class AccessApi {
  readonly #connection: NodeConnection;

  constructor(connection: NodeConnection) {
    this.#connection = connection;
  }

  users(signal?: AbortSignal): Promise<StoredUser[]> {
    return this.#each(usersUrl, '', storedUser, signal);
  }

  async putUser(name: string, user: object, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${usersUrl}/${encodeURIComponent(name)}`, { method: 'PUT', body: user, signal, timeoutMs: changeMs });
  }

  async changeUser(name: string, user: object, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${usersUrl}/${encodeURIComponent(name)}`, { method: 'POST', body: user, signal, timeoutMs: changeMs });
  }

  async removeUser(name: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${usersUrl}/${encodeURIComponent(name)}`, { method: 'DELETE', signal, timeoutMs: changeMs });
  }

  async unlockUser(name: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`/api/security/unlockUsers/${encodeURIComponent(name)}`, { method: 'POST', signal, timeoutMs: changeMs });
  }

  async hasUser(name: string, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.#connection.json(`${usersUrl}/${encodeURIComponent(name)}`, { signal });
      return true;
    } catch (error) {
      if (error instanceof BulkheadError && error.code === 'USER_NOT_FOUND') return false;
      throw error;
    }
  }

  groups(signal?: AbortSignal): Promise<StoredGroup[]> {
    return this.#each(groupsUrl, '?includeUsers=true', storedGroup, signal);
  }

  async putGroup(name: string, group: object, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${groupsUrl}/${encodeURIComponent(name)}`, { method: 'PUT', body: group, signal, timeoutMs: changeMs });
  }

  async removeGroup(name: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${groupsUrl}/${encodeURIComponent(name)}`, { method: 'DELETE', signal, timeoutMs: changeMs });
  }

  permissions(signal?: AbortSignal): Promise<StoredPermission[]> {
    return this.#each(permissionsUrl, '', storedPermission, signal);
  }

  async putPermission(name: string, permission: object, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${permissionsUrl}/${encodeURIComponent(name)}`, { method: 'PUT', body: permission, signal, timeoutMs: changeMs });
  }

  async removePermission(name: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${permissionsUrl}/${encodeURIComponent(name)}`, { method: 'DELETE', signal, timeoutMs: changeMs });
  }

  async tokens(signal?: AbortSignal): Promise<StoredToken[]> {
    return storedTokens.parse(await this.#connection.json(tokensUrl, { signal, timeoutMs: 10_000 })).tokens;
  }

  async createToken(asked: object, signal?: AbortSignal): Promise<z.infer<typeof madeToken>> {
    return madeToken.parse(await this.#connection.json(tokensUrl, { method: 'POST', body: asked, signal, timeoutMs: changeMs }));
  }

  async revokeToken(tokenId: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${tokensUrl}/revoke`, { method: 'POST', body: { token_id: tokenId }, signal, timeoutMs: changeMs });
  }

  /** Throws USER_NOT_FOUND, and ROUTE_NOT_FOUND at a node of an older version. */
  async explain(asked: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<StoredExplanation> {
    return storedExplanation.parse(await this.#connection.json(`/api/v1/access/explain?${new URLSearchParams(asked).toString()}`, { signal }));
  }

  /** Throws ROUTE_NOT_FOUND at a node of an older version. */
  async audit(asked: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<AuditPage> {
    return auditPage.parse(await this.#connection.json(`/api/v1/audit?${new URLSearchParams(asked).toString()}`, { signal, timeoutMs: 10_000 }));
  }

  /** Lists name only names; each of them is asked about. What is removed meanwhile is left out. */
  async #each<S extends z.ZodType>(url: string, query: string, schema: S, signal?: AbortSignal): Promise<z.output<S>[]> {
    const names = namedList.parse(await this.#connection.json(url, { signal, timeoutMs: 10_000 })).map(({ name }) => name);
    const found: (z.output<S> | null)[] = names.map(() => null);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < names.length) {
        const index = next;
        next += 1;
        found[index] = await this.#one(`${url}/${encodeURIComponent(names[index] ?? '')}${query}`, schema, signal);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, worker));
    return found.filter((each) => each !== null);
  }

  async #one<S extends z.ZodType>(url: string, schema: S, signal?: AbortSignal): Promise<z.output<S> | null> {
    try {
      return schema.parse(await this.#connection.json(url, { signal, timeoutMs: 10_000 }));
    } catch (error) {
      if (error instanceof BulkheadError && error.code.endsWith('_NOT_FOUND') && error.code !== 'ROUTE_NOT_FOUND') return null;
      throw error;
    }
  }
}
