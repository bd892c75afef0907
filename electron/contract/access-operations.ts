import { z } from 'zod';
import { accessAction, accessExplanation, accessRole, createdToken, groupSummary, permissionTarget, tokenSummary, userSummary } from './access.ts';
import { auditFilter, auditRecords } from './audit.ts';
import { command, done, inCluster, query } from './operation.ts';

const named = inCluster.extend({ name: z.string().min(1).max(255) });

/** Who may what in a cluster, and why. */
export const accessOperations = {
  'users.list': query(inCluster, z.array(userSummary)),
  /** Throws USER_EXISTS. A user without a password logs in with tokens only. */
  'users.create': command(named.extend({ email: z.string().max(320).default(''), role: accessRole, password: z.string().max(1024).optional(), groups: z.array(z.string()).max(200).optional() }), done),
  /**
   * A new, generated password for the administrator of a cluster on hosts, told this once. The app goes on with it; other desktops have to be told.
   */
  'users.newAdminPassword': command(inCluster, z.object({ user: z.string(), password: z.string() })),
  /** what is left out stays as it is; `password: null` takes it away */
  'users.change': command(named.extend({
    email: z.string().max(320).optional(), role: accessRole.optional(), disabled: z.boolean().optional(), password: z.string().max(1024).nullable().optional(), groups: z.array(z.string()).max(200).optional(),
  }), done),
  'users.remove': command(named, done),
  /** its password is accepted again at once */
  'users.unlock': command(named, done),

  'groups.list': query(inCluster, z.array(groupSummary)),
  /** creates it, or replaces it */
  'groups.save': command(inCluster.extend({ group: groupSummary }), done),
  'groups.remove': command(named, done),

  'permissions.list': query(inCluster, z.array(permissionTarget)),
  /** creates it, or replaces it; it holds on every node when this returns */
  'permissions.save': command(inCluster.extend({ target: permissionTarget }), done),
  'permissions.remove': command(named, done),

  'tokens.list': query(inCluster, z.array(tokenSummary)),
  /** the token is in the answer and nowhere else */
  'tokens.create': command(inCluster.extend({
    user: z.string().min(1), description: z.string().max(256).default(''),
    /** 0: it does not expire */
    expiresInSeconds: z.number().int().min(0).max(315_360_000),
  }), createdToken),
  'tokens.revoke': command(inCluster.extend({ tokenId: z.string() }), done),

  /** why somebody may do something, or not */
  'access.explain': query(inCluster.extend({ user: z.string().min(1), repository: z.string().min(1), path: z.string().max(1024).default(''), action: accessAction }), accessExplanation),

  /** who did or tried what, from where, and how it ended */
  'audit.list': query(auditFilter, auditRecords),
} as const;
