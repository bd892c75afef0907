import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, Handlers } from '../contract/index.ts';
import { replaceAdminPassword } from './admin-password.ts';
import { auditOf, auditQuery, explanationOf, groupJson, groupOf, permissionJson, permissionOf, tokenOf, userOf } from './access/index.ts';
import type { ClusterWatches } from './cluster-watches.ts';
import type { Journal } from './journal/index.ts';
import { askAnyNode, type NodeApi } from './node-api/index.ts';

export interface AccessDeskParts {
  readonly watches: ClusterWatches;
  readonly journal: Journal;
  readonly agent: Dispatcher;
  /** keeps what the app signs in to a cluster with */
  readonly keepCredentials: (clusterId: string, user: string, password: string) => Promise<void>;
}

type AccessOperation = Extract<keyof Handlers, `users.${string}` | `groups.${string}` | `permissions.${string}` | `tokens.${string}` | `access.${string}` | `audit.${string}`>;

/** Who may what in a cluster. Passwords and tokens pass through and are written down nowhere. */
export class AccessDesk {
  readonly handlers: Pick<Handlers, AccessOperation>;
  readonly #parts: AccessDeskParts;

  constructor(parts: AccessDeskParts) {
    this.#parts = parts;
    this.handlers = {
      'users.list': async ({ clusterId }, { signal }) => {
        const users = await this.#ask(clusterId, (node) => node.access.users(signal));
        const own = await this.#ownName(clusterId);
        return users.map((user) => userOf(user, own));
      },
      'users.create': ({ clusterId, name, password, ...user }, context) => this.#done(clusterId, context, 'users.create', `The user ${name} was created`, { name, role: user.role }, async (node) => {
        // the node's PUT replaces: a user that is there must not be taken over by a typing error
        if (await node.access.hasUser(name, context.signal)) throw new BulkheadError('USER_EXISTS', `There is a user ${name}`);
        await node.access.putUser(name, { name, ...user, password: password ?? null }, context.signal);
      }),
      'users.newAdminPassword': async ({ clusterId }, context) => {
        const { access } = parts.watches.of(clusterId);
        if (access.kind === 'demo') throw new BulkheadError('NOT_SUPPORTED', 'The demo cluster has a command of its own for that', { hint: '"bulkhead demo password", or New password on the Demo cluster screen.' });
        const fresh = await replaceAdminPassword(access, parts.agent, (user, password) => parts.keepCredentials(access.clusterId, user, password), context.signal);
        this.#note(clusterId, context, 'users.newAdminPassword', `A new password for ${fresh.user} was set`, { name: fresh.user });
        return fresh;
      },
      'users.change': async ({ clusterId, name, ...change }, context) => {
        const { access } = parts.watches.of(clusterId);
        const own = await this.#ownName(clusterId) === name;
        // every screen of the cluster would be refused from then on
        if (own && (change.disabled === true || (change.role ?? 'admin') !== 'admin')) throw new BulkheadError('OWN_ACCOUNT', `This app signs in as ${name}: it has to stay an enabled administrator`);
        await this.#done(clusterId, context, 'users.change', `The user ${name} was changed`, { name, fields: Object.keys(change) }, (node) => node.access.changeUser(name, change, context.signal));
        // it is the app's own way in
        if (own && typeof change.password === 'string') await parts.keepCredentials(access.clusterId, name, change.password);
        return {};
      },
      'users.remove': async ({ clusterId, name }, context) => {
        if (await this.#ownName(clusterId) === name) throw new BulkheadError('OWN_ACCOUNT', `This app signs in as ${name}: it would lock itself out`);
        return this.#done(clusterId, context, 'users.remove', `The user ${name} was removed`, { name }, (node) => node.access.removeUser(name, context.signal));
      },
      'users.unlock': ({ clusterId, name }, context) => this.#done(clusterId, context, 'users.unlock', `The user ${name} was unlocked`, { name }, (node) => node.access.unlockUser(name, context.signal)),

      'groups.list': async ({ clusterId }, { signal }) => (await this.#ask(clusterId, (node) => node.access.groups(signal))).map(groupOf),
      'groups.save': ({ clusterId, group }, context) => this.#done(clusterId, context, 'groups.save', `The group ${group.name} was saved`, { name: group.name, members: group.members.length }, (node) => node.access.putGroup(group.name, groupJson(group), context.signal)),
      'groups.remove': ({ clusterId, name }, context) => this.#done(clusterId, context, 'groups.remove', `The group ${name} was removed`, { name }, (node) => node.access.removeGroup(name, context.signal)),

      'permissions.list': async ({ clusterId }, { signal }) => (await this.#ask(clusterId, (node) => node.access.permissions(signal))).map(permissionOf),
      'permissions.save': ({ clusterId, target }, context) => this.#done(clusterId, context, 'permissions.save', `The permission target ${target.name} was saved`, { ...target }, (node) => node.access.putPermission(target.name, permissionJson(target), context.signal)),
      'permissions.remove': ({ clusterId, name }, context) => this.#done(clusterId, context, 'permissions.remove', `The permission target ${name} was removed`, { name }, (node) => node.access.removePermission(name, context.signal)),

      'tokens.list': async ({ clusterId }, { signal }) => (await this.#ask(clusterId, (node) => node.access.tokens(signal))).map(tokenOf),
      'tokens.create': async ({ clusterId, user, description, expiresInSeconds }, context) => {
        const made = await this.#ask(clusterId, (node) => node.access.createToken({ username: user, description, expires_in: expiresInSeconds }, context.signal));
        this.#note(clusterId, context, 'tokens.create', `A token for ${user} was created`, { user, tokenId: made.token_id, description });
        return { tokenId: made.token_id, accessToken: made.access_token, refreshToken: made.refresh_token ?? null, expiresInSeconds: made.expires_in === 0 ? null : made.expires_in ?? null };
      },
      'tokens.revoke': ({ clusterId, tokenId }, context) => this.#done(clusterId, context, 'tokens.revoke', 'A token was revoked', { tokenId }, (node) => node.access.revokeToken(tokenId, context.signal)),

      'access.explain': async ({ clusterId, ...asked }, { signal }) => explanationOf(await this.#ask(clusterId, (node) => node.access.explain(asked, signal))),
      'audit.list': async ({ clusterId, ...asked }, { signal }) => auditOf(await this.#ask(clusterId, (node) => node.access.audit(auditQuery(asked), signal))),
    };
  }

  /** The account that this app signs in with; undefined where it has none. */
  async #ownName(clusterId: string): Promise<string | undefined> {
    return (await this.#parts.watches.of(clusterId).access.credentials())?.user;
  }

  #ask<T>(clusterId: string, ask: (node: NodeApi) => Promise<T>): Promise<T> {
    return askAnyNode(this.#parts.watches.of(clusterId).access, this.#parts.agent, ask);
  }

  async #done(clusterId: string, context: CallContext, type: string, message: string, detail: Record<string, unknown>, act: (node: NodeApi) => Promise<void>): Promise<Record<string, never>> {
    await this.#ask(clusterId, act);
    this.#note(clusterId, context, type, message, detail);
    return {};
  }

  #note(clusterId: string, { caller }: CallContext, type: string, message: string, detail: Record<string, unknown>): void {
    const { access } = this.#parts.watches.of(clusterId);
    this.#parts.journal.write({ clusterId: access.clusterId, source: 'operator', severity: 'info', type, nodeId: null, message, detail: { ...detail, by: caller } });
  }
}
