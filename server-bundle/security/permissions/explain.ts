import type { Account } from '../../metadata/access/accounts.ts';
import type { Action } from '../principal.ts';
import type { AccessModel } from './access-model.ts';
import { allows, anonymousRights, roleActions, rightsOf, targetTakes, type Origin, type Rights } from './rights.ts';

/** One thing that speaks for or (nearly) spoke for the action. */
export interface Reason {
  readonly kind: 'role' | 'group-admin' | 'target' | 'virtual';
  /** a sentence for people */
  readonly text: string;
  readonly role?: string;
  readonly group?: string;
  readonly target?: string;
  /** pattern of the target that took the path */
  readonly pattern?: string;
  /** repository that the rule was found at, when it is not the one that was asked about */
  readonly repository?: string;
}

/** A target that gives the user something, and why it does not give this. */
export interface Missing {
  readonly target: string;
  readonly through: Origin;
  readonly lacks: 'action' | 'repository' | 'path' | 'excluded';
  readonly text: string;
}

export interface Explanation {
  readonly allowed: boolean;
  readonly reasons: readonly Reason[];
  /** empty when it is allowed */
  readonly missing: readonly Missing[];
}

/** @param account null: requests without credentials; `everything`: anonymous read is on for all content */
export function explain(
  model: AccessModel, account: Account | null, action: Action, repository: string | null, path: string | null, everything = false,
): Explanation {
  const rights = account === null ? anonymousRights(model, everything) : rightsOf(model, account, null);
  const allowed = allows(rights, action, repository, path);
  const reasons = repository === null ? byRole(model, account, rights, action) : [...byRole(model, account, rights, action), ...byTargets(rights, action, repository, path ?? '', 0)];
  return { allowed, reasons, missing: allowed || repository === null ? [] : lacking(rights, action, repository, path ?? '') };
}

function byRole(model: AccessModel, account: Account | null, { role, everywhere }: Rights, action: Action): Reason[] {
  if (!everywhere.has(action)) return [];
  const groups = account?.groups.filter((group) => model.adminGroups.has(group)) ?? [];
  const own = account?.role ?? role;
  return [
    ...(roleActions[own].has(action) ? [{ kind: 'role', role: own, text: own === 'anonymous' ? 'Reading without credentials is switched on' : `The role ${own} may ${action} everywhere` } as const] : []),
    ...groups.map((group) => ({ kind: 'group-admin', group, text: `Members of ${group} are administrators` } as const)),
  ];
}

function byTargets(rights: Rights, action: Action, repository: string, path: string, depth: number): Reason[] {
  const known = rights.model.repositories.get(repository);
  if (known?.rclass === 'virtual' && action !== 'manage') {
    const members = action === 'read' ? known.members : known.deploysTo === null ? [] : [known.deploysTo];
    return depth >= 16 ? [] : members.flatMap((member) => byTargets(rights, action, member, path, depth + 1).map((reason) => ({ ...reason, repository: reason.repository ?? member })));
  }
  return rights.rules.flatMap((rule): Reason[] => {
    const { target, origin } = rule;
    if (!rule.actions.has(action) || !target.names(repository, known?.rclass) || !targetTakes(target, action, path)) return [];
    const pattern = target.includes.find((include) => targetTakes({ includes: [include], excludes: [] }, action, path))?.text ?? '**';
    return [{
      kind: 'target', target: target.name, pattern, ...(origin.kind === 'group' ? { group: origin.group } : {}),
      text: `${target.name} gives ${action} to ${nameOf(origin)} in ${repository} where ${pattern} fits`,
    }];
  });
}

function lacking(rights: Rights, action: Action, repository: string, path: string): Missing[] {
  const rclass = rights.model.repositories.get(repository)?.rclass;
  return rights.rules.flatMap(({ target, origin, actions }): Missing[] => {
    const of = (lacks: Missing['lacks'], why: string): Missing[] => [{ target: target.name, through: origin, lacks, text: `${target.name} (${nameOf(origin)}) ${why}` }];
    if (!target.names(repository, rclass)) return of('repository', `does not name ${repository}`);
    if (!actions.has(action)) return of('action', `gives ${[...actions].join(', ')}, not ${action}`);
    if (targetTakes({ includes: target.includes, excludes: [] }, action, path)) return of('excluded', `excludes ${path} by ${target.excludes.map(({ text }) => text).join(', ')}`);
    return of('path', `takes ${target.includes.map(({ text }) => text).join(', ')}, not ${path === '' ? 'the whole repository' : path}`);
  });
}

function nameOf(origin: Origin): string {
  return origin.kind === 'group' ? `the group ${origin.group}` : origin.kind === 'user' ? 'the user' : 'requests without credentials';
}
