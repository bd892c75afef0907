import type { RepositorySummary } from '../../electron/contract/index.ts';
import { packageTitle } from '../repositories/package-types.ts';

/** One place that the palette leads to. */
export interface PaletteEntry { readonly id: string; readonly title: string; readonly explanation: string; readonly to: { readonly name: string; readonly params?: Record<string, string> } }

/** Every repository by its key, and what is done with repositories as such. */
export function repositoryEntries(list: readonly RepositorySummary[]): PaletteEntry[] {
  return [
    { id: 'repository.new', title: 'Create a repository', explanation: 'Local, remote or virtual', to: { name: 'new-repository' } },
    { id: 'repository.trash', title: 'Trash can', explanation: 'What was deleted, to restore it', to: { name: 'trash' } },
    ...list.map(({ key, rclass, packageType }) => ({ id: `repository.open.${key}`, title: `Open ${key}`, explanation: `${rclass} repository, ${packageTitle(packageType)}`, to: { name: 'repository', params: { key } } })),
  ];
}
