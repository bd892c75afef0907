import type { Account } from '../../metadata/access/accounts.ts';
import { trashRepositoryKey } from '../trash-access.ts';
import { actions, type Action, type Principal, type Role } from '../principal.ts';
import { emptyModel, meantKey, type AccessModel, type CompiledTarget, type TargetGrant } from './access-model.ts';
import { coversBelow, matchesPath, mayMatchBelow } from './path-pattern.ts';
import type { Narrowing, TokenScope } from './token-scope.ts';

/** Why a rule is there. */
export type Origin = { readonly kind: 'user' } | { readonly kind: 'group'; readonly group: string } | { readonly kind: 'anonymous' };

/** One thing that a permission target gives. */
export interface Rule {
  readonly origin: Origin;
  readonly target: CompiledTarget;
  readonly actions: ReadonlySet<Action>;
}

/** Everything that decides about one principal: what it may everywhere, what targets give, and what its token leaves of that. */
export interface Rights {
  readonly role: Principal['role'];
  /** by the role, in every repository and at every path */
  readonly everywhere: ReadonlySet<Action>;
  readonly rules: readonly Rule[];
  /** null: not narrowed */
  readonly only: readonly Narrowing[] | null;
  /** further rights that have to allow it as well (a token that was derived of a narrowed one) */
  readonly within?: Rights;
  readonly model: AccessModel;
}

const none: ReadonlySet<Action> = new Set();
/** What each role has by itself. */
export const roleActions: Readonly<Record<Principal['role'], ReadonlySet<Action>>> = {
  admin: new Set<Action>(actions),
  deployer: new Set<Action>(['read', 'annotate', 'deploy', 'delete']),
  reader: new Set<Action>(['read']),
  user: none,
  // a request without credentials gets this far only while anonymous read is switched on
  anonymous: new Set<Action>(['read']),
};

/** Somebody inside the process, without an account. */
export function rightsOfRole(role: Principal['role']): Rights {
  return { role, everywhere: roleActions[role], rules: [], only: null, model: emptyModel };
}

/** @param everything false: only what targets give to requests without credentials */
export function anonymousRights(model: AccessModel, everything: boolean): Rights {
  return { role: 'anonymous', everywhere: everything ? roleActions.anonymous : none, rules: rulesOf(model, model.anonymousGrants, { kind: 'anonymous' }), only: null, model };
}

/** @param scope of the token that the request came with; null without one */
export function rightsOf(model: AccessModel, account: Account, scope: TokenScope | null): Rights {
  const role = effectiveRole(model, account);
  const base = scope?.base ?? 'user';
  const only = scope?.only ?? null;
  if (base === 'user') {
    const groups = account.groups.flatMap((group) => rulesOfGroup(model, group));
    return { role: only === null ? role : narrowed(role), everywhere: roleActions[role], rules: [...groups, ...rulesOf(model, account.grants, { kind: 'user' })], only, model };
  }
  if (base === 'admin') {
    const admin = role === 'admin' ? role : 'user';
    return { role: only === null ? admin : narrowed(admin), everywhere: roleActions[admin], rules: [], only, model };
  }
  // an administrator may act as any group; others as groups they (still) belong to
  const groups = base.groups.filter((group) => model.groups.has(group) && (role === 'admin' || account.groups.includes(group)));
  const byGroup: Role = groups.some((group) => model.adminGroups.has(group)) ? 'admin' : 'user';
  return { role: only === null ? byGroup : narrowed(byGroup), everywhere: roleActions[byGroup], rules: groups.flatMap((group) => rulesOfGroup(model, group)), only, model };
}

/** With what groups add to the role of the account. */
export function effectiveRole(model: AccessModel, account: Account): Role {
  return account.groups.some((group) => model.adminGroups.has(group)) ? 'admin' : account.role;
}

function narrowed(role: Role): Role {
  return role === 'admin' ? 'user' : role;
}

function rulesOfGroup(model: AccessModel, group: string): Rule[] {
  return rulesOf(model, model.grantsOfGroup.get(group) ?? [], { kind: 'group', group });
}

function rulesOf(model: AccessModel, grants: readonly TargetGrant[], origin: Origin): Rule[] {
  return grants.flatMap(({ target: name, actions: given }) => {
    const target = model.targets.get(name);
    return target === undefined ? [] : [{ origin, target, actions: new Set(given) }];
  });
}

/**
 * The decision.
 *
 * @param repository null for what belongs to the cluster as a whole
 * @param path null or empty for the repository itself; one that ends in "/" is a folder. Reading a folder needs a right on anything in it;
 *             deleting, annotating or managing one (or a whole repository) needs the right on everything in it
 */
export function allows(rights: Rights, action: Action, repository: string | null, path: string | null): boolean {
  if (rights.within !== undefined && !allows(rights.within, action, repository, path)) return false;
  if (repository === null) return action === 'read' || (rights.only === null && rights.everywhere.has(action));
  return allowsOn(rights, action, meantKey(rights.model, repository), path ?? '', 0);
}

/** Virtual repositories may hold virtual ones; deeper than this there is a circle. */
const deepest = 16;

function allowsOn(rights: Rights, action: Action, repository: string, path: string, depth: number): boolean {
  const { model } = rights;
  if (repository === trashRepositoryKey) return rights.role === 'admin' && (action === 'read' || action === 'delete');
  const inside = rights.only?.some((narrowing) => narrowingAllows(model, narrowing, action, repository, path)) ?? true;
  if (!inside) return false;
  if (rights.everywhere.has(action)) return true;
  const known = model.repositories.get(repository);
  if (known?.rclass === 'virtual' && action !== 'manage') {
    if (depth >= deepest) return false;
    const members = action === 'read' ? known.members : known.deploysTo === null ? [] : [known.deploysTo];
    return members.some((member) => allowsOn(unnarrowed(rights), action, member, path, depth + 1));
  }
  return rights.rules.some((rule) => rule.actions.has(action) && rule.target.names(repository, known?.rclass) && targetTakes(rule.target, action, path));
}

/** The narrowing was checked on the virtual repository already. */
function unnarrowed(rights: Rights): Rights {
  return rights.only === null ? rights : { ...rights, only: null };
}

function narrowingAllows(model: AccessModel, narrowing: Narrowing, action: Action, repository: string, path: string): boolean {
  return narrowing.actions.has(action) && isPartOf(model, repository, narrowing.repository, 0) && targetTakes(narrowing, action, path);
}

/** What a token may in a virtual repository it may in its members too, as far as its user may. */
function isPartOf(model: AccessModel, repository: string, whole: string, depth: number): boolean {
  if (repository === whole) return true;
  return depth < deepest && (model.repositories.get(whole)?.members ?? []).some((member) => isPartOf(model, repository, member, depth + 1));
}

/** Whether include and exclude patterns take the path for this action. */
export function targetTakes({ includes, excludes }: Pick<CompiledTarget, 'includes' | 'excludes'>, action: Action, path: string): boolean {
  if (path !== '' && !path.endsWith('/')) return includes.some((pattern) => matchesPath(pattern, path)) && !excludes.some((pattern) => matchesPath(pattern, path));
  const folder = path.replace(/\/$/, '');
  // what is only passed through, or made on the way to something inside
  const partly = action === 'read' || (action === 'deploy' && folder !== '');
  return partly
    ? includes.some((pattern) => mayMatchBelow(pattern, folder)) && !excludes.some((pattern) => coversBelow(pattern, folder))
    : includes.some((pattern) => coversBelow(pattern, folder)) && !excludes.some((pattern) => mayMatchBelow(pattern, folder));
}
