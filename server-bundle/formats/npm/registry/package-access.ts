import { BulkheadError } from '../../../contract/index.ts';
import { packagesAmong, searchPackages } from '../../../metadata/npm-search.ts';
import { listUsers } from '../../../metadata/users.ts';
import type { Content } from '../../../repositories/content.ts';
import { allMembers } from '../../../repositories/members.ts';
import type { Repository } from '../../../repositories/repository.ts';
import { virtualOf } from '../../../repositories/virtual-settings.ts';
import { authorize, requireAdmin, requireLogin } from '../../../security/authorize.ts';
import { rightsHeldBy } from '../../../security/held-rights.ts';
import { readAccessModel } from '../../../security/permissions/access-model.ts';
import { allows, rightsOf, type Rights } from '../../../security/permissions/rights.ts';
import type { Principal } from '../../../security/principal.ts';
import { userNamed } from '../../../security/proof.ts';
import { tarballPath } from '../paths.ts';
import { npmRepository, packageNotFound } from './npm-repository.ts';

/** What somebody may do with a package, in npm's words: `write` is to publish it. */
export type PackageAccess = 'read' | 'write';

/** Packages in one answer. */
const most = 10_000;

/** Packages that are here and that a user may read, for the user and for administrators. @throws USER_NOT_FOUND */
export async function packagesOfUser(content: Content, principal: Principal, repositoryKey: string, user: string): Promise<Record<string, PackageAccess>> {
  requireLogin(principal);
  if (user === principal.name) return accessTo(content, principal, repositoryKey, '', rightsHeldBy(principal));
  requireAdmin(principal);
  const { coherence: { read } } = content.session;
  const account = await userNamed(read, user);
  if (account === undefined) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${user.slice(0, 100)}`);
  return accessTo(content, principal, repositoryKey, '', rightsOf(await readAccessModel(read), account, null));
}

/** Packages of a scope that are here and that the caller may read. @throws ARTIFACT_NOT_FOUND when there are none, upon which npm takes the scope for a user's name */
export async function packagesOfScope(content: Content, principal: Principal, repositoryKey: string, scope: string): Promise<Record<string, PackageAccess>> {
  requireLogin(principal);
  const packages = await accessTo(content, principal, repositoryKey, `@${scope}/`, rightsHeldBy(principal));
  if (Object.keys(packages).length === 0) throw new BulkheadError('ARTIFACT_NOT_FOUND', `There is no package of the scope @${scope.slice(0, 200)} in this registry`);
  return packages;
}

async function accessTo(content: Content, principal: Principal, repositoryKey: string, scope: string, rights: Rights): Promise<Record<string, PackageAccess>> {
  authorize(principal, 'read', repositoryKey, null);
  const { locals, target } = await placesOf(content, repositoryKey);
  const found = new Map<string, PackageAccess>();
  for (const { id, key } of locals) {
    const names = await searchPackages(content.session.db, { repositoryIds: [id], words: [], scope }, { offset: 0, limit: most });
    // a member that the user may not read is not there, whatever another one of this name allows
    for (const name of names) if (mayReadIn(rights, key, name)) found.set(name, mayPublish(rights, target, name) ? 'write' : 'read');
  }
  return Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, most));
}

/** Who may read or publish a package, roles and groups included; for whoever manages it. @throws ARTIFACT_NOT_FOUND */
export async function collaboratorsOf(content: Content, principal: Principal, repositoryKey: string, name: string): Promise<Record<string, PackageAccess>> {
  const { db, coherence: { read } } = content.session;
  authorize(principal, 'manage', repositoryKey, tarballPath(name, '0.0.0'));
  const { locals, target } = await placesOf(content, repositoryKey);
  const holders: string[] = [];
  for (const { id, key } of locals) if ((await packagesAmong(db, [id], [name])).has(name)) holders.push(key);
  if (!holders.some((key) => key === repositoryKey || mayReadIn(rightsHeldBy(principal), key, name))) throw packageNotFound(name);
  const model = await readAccessModel(read);
  const found: [string, PackageAccess][] = [];
  for (const { name: user, disabled } of await listUsers(db)) {
    const account = disabled ? undefined : await userNamed(read, user);
    if (account === undefined) continue;
    const rights = rightsOf(model, account, null);
    if (mayPublish(rights, target, name)) found.push([user, 'write']);
    else if (holders.some((key) => mayReadIn(rights, key, name))) found.push([user, 'read']);
  }
  return Object.fromEntries(found);
}

/** The local repositories behind one, whoever may read them, and the key of the one that takes what is published; null: none does. */
async function placesOf(content: Content, repositoryKey: string): Promise<{ readonly locals: readonly Repository[]; readonly target: string | null }> {
  const repository = await npmRepository(content, repositoryKey);
  const members = await allMembers(content.session.coherence.read, repository);
  const target = repository.rclass === 'virtual' ? virtualOf(repository).defaultDeploymentRepo : repository.rclass === 'local' ? repositoryKey : '';
  return { locals: members.filter(({ rclass }) => rclass === 'local'), target: target === '' ? null : target };
}

function mayReadIn(rights: Rights, localKey: string, name: string): boolean {
  return allows(rights, 'read', localKey, tarballPath(name, '0.0.0'));
}

function mayPublish(rights: Rights, target: string | null, name: string): boolean {
  return target !== null && allows(rights, 'deploy', target, tarballPath(name, '0.0.0'));
}
