import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';
import type { PermissionTarget, TargetGrantRow } from '../../../metadata/access/permission-targets.ts';
import type { Action } from '../../../security/principal.ts';
import { granteeOfUser } from '../../../security/target-changes.ts';
import { validated } from '../../validated.ts';

/** Artifactory's words for our actions; those for parts that Bulkhead has not are let through and give nothing. */
const words: Readonly<Record<string, Action | null>> = {
  read: 'read', annotate: 'annotate', write: 'deploy', deploy: 'deploy', delete: 'delete', manage: 'manage',
  managedXrayMeta: null, distribute: null,
};
const letters: Readonly<Record<string, Action | null>> = { r: 'read', n: 'annotate', w: 'deploy', d: 'delete', m: 'manage', mxm: null };
const wordOf: Readonly<Record<Action, string>> = { read: 'read', annotate: 'annotate', deploy: 'write', delete: 'delete', manage: 'manage' };
/** One letter for each action, as in Artifactory's first form. */
export const letterOf: Readonly<Record<Action, string>> = { read: 'r', annotate: 'n', deploy: 'w', delete: 'd', manage: 'm' };

const names = z.record(z.string(), z.array(z.string()));
const pattern = z.string().max(1024);
const repositoryList = z.array(z.string()).min(1).max(10_000);

const first = z.object({
  name: z.string().optional(),
  includesPattern: z.string().max(10_000).default('**'),
  excludesPattern: z.string().max(10_000).default(''),
  repositories: repositoryList,
  principals: z.object({ users: names.default({}), groups: names.default({}) }).prefault({}),
});

const second = z.object({
  name: z.string().optional(),
  repo: z.object({
    'include-patterns': z.array(pattern).max(1000).default(['**']),
    'exclude-patterns': z.array(pattern).max(1000).default([]),
    repositories: repositoryList,
    actions: z.object({ users: names.default({}), groups: names.default({}) }).prefault({}),
  }),
});

/** The JSON of `/api/security/permissions`, with one letter for each action. @throws BODY_INVALID */
export function readFirstForm(name: string, body: unknown): PermissionTarget {
  const { name: named, includesPattern, excludesPattern, repositories, principals } = validated(first, body);
  requireSameName(name, named);
  return targetOf(name, repositories, includesPattern.split(','), excludesPattern.split(','), principals, letters);
}

/** The JSON of `/api/v2/security/permissions`, with words. @throws BODY_INVALID */
export function readSecondForm(name: string, body: unknown): PermissionTarget {
  const { name: named, repo } = validated(second, body);
  requireSameName(name, named);
  return targetOf(name, repo.repositories, repo['include-patterns'], repo['exclude-patterns'], repo.actions, words);
}

export function firstForm(target: PermissionTarget): Record<string, unknown> {
  return {
    name: target.name, includesPattern: target.includes.join(','), excludesPattern: target.excludes.join(','), repositories: target.repositories,
    principals: principalsOf(target.grants, letterOf),
  };
}

export function secondForm(target: PermissionTarget): Record<string, unknown> {
  return {
    name: target.name,
    repo: {
      'include-patterns': target.includes, 'exclude-patterns': target.excludes, repositories: target.repositories, actions: principalsOf(target.grants, wordOf),
    },
  };
}

type Principals = { readonly users: z.output<typeof names>; readonly groups: z.output<typeof names> };

function targetOf(
  name: string, repositories: readonly string[], includes: readonly string[], excludes: readonly string[], { users, groups }: Principals,
  vocabulary: Readonly<Record<string, Action | null>>,
): PermissionTarget {
  const patterns = (list: readonly string[]): string[] => list.map((text) => text.trim()).filter((text) => text !== '');
  return {
    name, repositories: [...new Set(repositories.map((key) => key.trim().replace(/^any( local| remote)?$/i, (all) => all.toUpperCase())))],
    includes: patterns(includes).length === 0 ? ['**'] : patterns(includes), excludes: patterns(excludes),
    grants: [
      ...Object.entries(users).map(([user, given]): TargetGrantRow => ({ to: granteeOfUser(user), actions: actionsOf(`users.${user}`, given, vocabulary) })),
      ...Object.entries(groups).map(([group, given]): TargetGrantRow => ({ to: { kind: 'group', name: group }, actions: actionsOf(`groups.${group}`, given, vocabulary) })),
    ],
  };
}

function actionsOf(field: string, given: readonly string[], vocabulary: Readonly<Record<string, Action | null>>): Action[] {
  const found = given.map((word) => {
    const action = Object.hasOwn(vocabulary, word) ? vocabulary[word] : undefined;
    if (action === undefined) throw invalid(field, `'${word}' is none of ${Object.keys(vocabulary).join(', ')}`);
    return action;
  });
  return [...new Set(found.filter((action) => action !== null))];
}

function principalsOf(grants: readonly TargetGrantRow[], names: Readonly<Record<Action, string>>): Record<'users' | 'groups', Record<string, string[]>> {
  const listed: Record<'users' | 'groups', Record<string, string[]>> = { users: {}, groups: {} };
  for (const { to, actions } of grants) {
    const said = actions.map((action) => names[action]);
    if (to.kind === 'group') listed.groups[to.name] = said;
    else listed.users[to.kind === 'anonymous' ? 'anonymous' : to.name] = said;
  }
  return listed;
}

function requireSameName(name: string, given: string | undefined): void {
  if (given !== undefined && given !== name) throw invalid('name', 'is not the one in the address');
}

function invalid(field: string, message: string): BulkheadError {
  return new BulkheadError('BODY_INVALID', `${field}: ${message}`, { details: [{ field, message }] });
}
