import { z } from 'zod';

/** What a user has without any permission target: `admin` everything, `deployer` read, annotate, deploy and delete, `reader` read, `user` nothing. */
export const accessRole = z.enum(['admin', 'deployer', 'reader', 'user']);
export type AccessRole = z.infer<typeof accessRole>;

export const accessActions = ['read', 'annotate', 'deploy', 'delete', 'manage'] as const;
export const accessAction = z.enum(accessActions);
export type AccessAction = z.infer<typeof accessAction>;

export const userSummary = z.object({
  name: z.string(),
  email: z.string(),
  role: accessRole,
  disabled: z.boolean(),
  /** its password is not accepted for a while, after too many wrong ones; tokens are */
  locked: z.boolean(),
  /** false: logs in with tokens only */
  hasPassword: z.boolean(),
  groups: z.array(z.string()),
  /** this app signs in to the cluster with it */
  own: z.boolean(),
});
export type UserSummary = z.infer<typeof userSummary>;

export const groupSummary = z.object({
  name: z.string(),
  description: z.string(),
  /** new users become members by themselves */
  autoJoin: z.boolean(),
  /** members may everything */
  adminPrivileges: z.boolean(),
  members: z.array(z.string()),
});
export type GroupSummary = z.infer<typeof groupSummary>;

export const permissionGrant = z.object({
  kind: z.enum(['user', 'group']),
  name: z.string().min(1),
  actions: z.array(accessAction),
});
export type PermissionGrant = z.infer<typeof permissionGrant>;

/** Who may what, where. */
export const permissionTarget = z.object({
  name: z.string().min(1).max(255),
  /** keys, or ANY, ANY LOCAL, ANY REMOTE */
  repositories: z.array(z.string()).max(500),
  /** Ant patterns; empty: every path */
  includes: z.array(z.string()).max(200),
  excludes: z.array(z.string()).max(200),
  grants: z.array(permissionGrant).max(1000),
});
export type PermissionTarget = z.infer<typeof permissionTarget>;

export const tokenSummary = z.object({
  tokenId: z.string(),
  user: z.string(),
  description: z.string(),
  /** milliseconds since 1970 */
  issuedAt: z.number(),
  expiresAt: z.number().nullable(),
  refreshable: z.boolean(),
});
export type TokenSummary = z.infer<typeof tokenSummary>;

/** Shown once: only its hash is kept. */
export const createdToken = z.object({ tokenId: z.string(), accessToken: z.string(), refreshToken: z.string().nullable(), expiresInSeconds: z.number().nullable() });

/** The answer to "why may this user do that". */
export const accessExplanation = z.object({
  allowed: z.boolean(),
  /** what decides before any right: a disabled account, reading without credentials that is switched off */
  shutOut: z.string().nullable(),
  /** what gives the right; a target with the pattern that takes the path, where it was found at a member of a virtual repository that one */
  reasons: z.array(z.object({ text: z.string(), target: z.string().nullable(), group: z.string().nullable(), repository: z.string().nullable() })),
  /** targets that give the user something, and why they do not give this; empty when it is allowed */
  missing: z.array(z.object({ text: z.string(), target: z.string() })),
});
export type AccessExplanation = z.infer<typeof accessExplanation>;
