export const repositoryViews = [
  { view: 'browse', title: 'Browse' },
  { view: 'set-up', title: 'Set me up' },
  { view: 'settings', title: 'Settings' },
] as const;
export type RepositoryView = (typeof repositoryViews)[number]['view'];

/** The view that an address asks for; the first one for anything unknown. */
export function repositoryViewOf(asked: unknown): RepositoryView {
  return repositoryViews.find(({ view }) => view === asked)?.view ?? 'browse';
}
