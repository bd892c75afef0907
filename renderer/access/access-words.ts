import type { AccessAction, AccessRole } from '../../electron/contract/index.ts';

/** What a role comes to, before any permission target. */
export const roleWords: Readonly<Record<AccessRole, { title: string; about: string }>> = {
  admin: { title: 'Administrator', about: 'may everything, everywhere' },
  deployer: { title: 'Deployer', about: 'reads, annotates, deploys and deletes in every repository' },
  reader: { title: 'Reader', about: 'reads every repository' },
  user: { title: 'User', about: 'only what groups and permission targets give' },
};

export const actionWords: Readonly<Record<AccessAction, { title: string; about: string }>> = {
  read: { title: 'Read', about: 'download, list' },
  annotate: { title: 'Annotate', about: 'set properties' },
  deploy: { title: 'Deploy', about: 'put new files, fill caches' },
  delete: { title: 'Delete', about: 'delete and overwrite' },
  manage: { title: 'Manage', about: 'change settings of the repository' },
};

/** How long a new token lives. */
export const tokenLives = [
  { seconds: 3600, title: 'an hour' },
  { seconds: 86_400, title: 'a day' },
  { seconds: 30 * 86_400, title: '30 days' },
  { seconds: 365 * 86_400, title: 'a year' },
  { seconds: 0, title: 'until it is revoked' },
] as const;

/** What stands for many repositories in a permission target. */
export const anyRepositories = ['ANY', 'ANY LOCAL', 'ANY REMOTE'] as const;

/** Whether a user or group can have this name; null when it can. */
export function nameProblem(name: string, taken: readonly string[], what: string): string | null {
  if (name === '') return 'A name is needed';
  if (!/^[a-z0-9][a-z0-9._@-]{0,63}$/i.test(name)) return 'Letters, digits, “.”, “_”, “-” and “@”, beginning with a letter or digit, at most 64';
  return taken.some((other) => other.toLowerCase() === name.toLowerCase()) ? `There is a ${what} with this name` : null;
}
