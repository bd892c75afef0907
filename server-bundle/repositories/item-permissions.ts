import { findPermissionTarget, listPermissionTargets } from '../metadata/access/permission-targets.ts';
import { findFile } from '../metadata/artifacts.ts';
import { folderExists } from '../metadata/folders.ts';
import { authorize } from '../security/authorize.ts';
import { compileTarget } from '../security/permissions/access-model.ts';
import { targetTakes } from '../security/permissions/rights.ts';
import type { Action, Principal } from '../security/principal.ts';
import { artifactNotFound, type Content } from './content.ts';
import { readRepository } from './repository.ts';

/** Actions by name of a user or group. */
export type ActionsOf = ReadonlyMap<string, ReadonlySet<Action>>;

/** `GET /api/storage/{repo}/{path}?permissions`: what permission targets give at a path, for whoever manages it. @throws FORBIDDEN, ARTIFACT_NOT_FOUND */
export async function itemPermissions(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<{ readonly uri: string; readonly users: ActionsOf; readonly groups: ActionsOf }> {
  const { session: { db, coherence }, addresses } = content;
  authorize(principal, 'manage', repositoryKey, path === '' ? null : path);
  const repository = await readRepository(coherence.read, repositoryKey);
  const file = path === '' || path.endsWith('/') ? undefined : await findFile(db, repository.id, path);
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  if (file === undefined && folder !== '' && !await folderExists(db, repository.id, folder)) throw artifactNotFound(repositoryKey, path);
  const asked = file === undefined ? folder : path;
  const users = new Map<string, Set<Action>>();
  const groups = new Map<string, Set<Action>>();
  for (const name of await listPermissionTargets(db)) {
    const stored = await findPermissionTarget(db, name);
    if (stored === undefined) continue;
    const target = compileTarget({ ...stored, repositories: [...stored.repositories], includes: [...stored.includes], excludes: [...stored.excludes] });
    if (!target.names(repository.key, repository.rclass)) continue;
    for (const { to, actions } of stored.grants) {
      const given = actions.filter((action) => targetTakes(target, action, asked));
      if (given.length === 0) continue;
      const of = to.kind === 'group' ? groups : users;
      const grantee = to.kind === 'anonymous' ? 'anonymous' : to.name;
      of.set(grantee, new Set([...of.get(grantee) ?? [], ...given]));
    }
  }
  return { uri: addresses.storage(repositoryKey, path.replace(/\/$/, '')), users, groups };
}
