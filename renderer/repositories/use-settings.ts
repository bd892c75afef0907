import { useQuery, type Query } from '../connection/use-query.ts';
import type { RepositorySettings } from '../../electron/contract/index.ts';

/** The configuration of a repository, for those views that need it. */
export function useSettings(which: () => { clusterId: string; key: string } | null): Query<RepositorySettings> {
  return useQuery('repositories.show', which);
}
