import type { AccessAction, AccessExplanation, GroupSummary, PermissionGrant, PermissionTarget, TokenSummary, UserSummary } from '../../contract/index.ts';
import type { StoredExplanation, StoredGroup, StoredPermission, StoredToken, StoredUser } from '../node-api/index.ts';

/** Artifactory says `write` for what is called deploy everywhere else. */
const actionOf: Readonly<Record<string, AccessAction>> = { read: 'read', annotate: 'annotate', write: 'deploy', deploy: 'deploy', delete: 'delete', manage: 'manage' };

/** @param own name of the account that the app signs in with */
export function userOf({ name, email, role, disabled, locked, internalPasswordDisabled, groups }: StoredUser, own: string | undefined): UserSummary {
  return { name, email: email ?? '', role, disabled, locked, hasPassword: !internalPasswordDisabled, groups, own: name === own };
}

export function groupOf({ name, description, autoJoin, adminPrivileges, userNames }: StoredGroup): GroupSummary {
  return { name, description: description ?? '', autoJoin, adminPrivileges, members: userNames ?? [] };
}

/** A group in Artifactory's JSON. */
export function groupJson({ name, description, autoJoin, adminPrivileges, members }: GroupSummary): object {
  return { name, description, autoJoin, adminPrivileges, userNames: members };
}

export function permissionOf({ name, repo }: StoredPermission): PermissionTarget {
  const grants = (kind: PermissionGrant['kind'], given: Readonly<Record<string, string[]>>): PermissionGrant[] =>
    Object.entries(given).map(([to, actions]) => ({ kind, name: to, actions: actions.flatMap((action) => actionOf[action] ?? []) }));
  return { name, repositories: repo.repositories, includes: repo['include-patterns'], excludes: repo['exclude-patterns'], grants: [...grants('user', repo.actions.users ?? {}), ...grants('group', repo.actions.groups ?? {})] };
}

/** A permission target in the JSON of Artifactory's second version. */
export function permissionJson({ name, repositories, includes, excludes, grants }: PermissionTarget): object {
  const given = (kind: PermissionGrant['kind']): Record<string, string[]> =>
    Object.fromEntries(grants.filter((grant) => grant.kind === kind && grant.actions.length > 0).map((grant) => [grant.name, grant.actions.map((action) => (action === 'deploy' ? 'write' : action))]));
  return { name, repo: { repositories, 'include-patterns': includes.length === 0 ? ['**'] : includes, 'exclude-patterns': excludes, actions: { users: given('user'), groups: given('group') } } };
}

export function tokenOf({ token_id: tokenId, subject, description, issued_at: issuedAt, expiry, refreshable }: StoredToken): TokenSummary {
  return { tokenId, user: subject.slice(subject.lastIndexOf('/') + 1), description: description ?? '', issuedAt: issuedAt * 1000, expiresAt: expiry === null || expiry === undefined ? null : expiry * 1000, refreshable };
}

export function explanationOf({ allowed, shutOut, reasons, missing }: StoredExplanation): AccessExplanation {
  return {
    allowed, shutOut: shutOut ?? null, missing,
    reasons: reasons.map(({ text, target, group, repository }) => ({ text, target: target ?? null, group: group ?? null, repository: repository ?? null })),
  };
}
