export const accessViews = [
  { view: 'users', title: 'Users' },
  { view: 'groups', title: 'Groups' },
  { view: 'permissions', title: 'Permissions' },
  { view: 'tokens', title: 'Tokens' },
  { view: 'audit', title: 'Audit log' },
  { view: 'why', title: 'Why may they' },
] as const;
export type AccessView = (typeof accessViews)[number]['view'];

/** The view that an address asks for; users for anything unknown. */
export function accessViewOf(asked: unknown): AccessView {
  return accessViews.find(({ view }) => view === asked)?.view ?? 'users';
}
