import type { DatabaseBudget, TopologyNode } from '../../electron/contract/index.ts';

export interface Holder {
  readonly key: string;
  readonly nodeId: string;
  /** null when the holder is not the node's present incarnation, or says nothing */
  readonly pool: { readonly inUse: number; readonly idle: number; readonly waiting: number } | null;
  readonly granted: number;
  readonly control: number;
  readonly observed: number;
  readonly note: string | null;
}

const byName = new Intl.Collator('en', { numeric: true });

/** Every grant with what its node says of its pool. A grant of a gone incarnation is still held, and says so. */
export function holders(database: Pick<DatabaseBudget, 'grants'>, nodes: readonly Pick<TopologyNode, 'nodeId' | 'reported'>[]): Holder[] {
  return database.grants
    .map((grant): Holder => {
      const reported = nodes.find(({ nodeId }) => nodeId === grant.nodeId)?.reported ?? null;
      const present = reported !== null && (reported.incarnation === null || reported.incarnation === grant.incarnation);
      return {
        key: `${grant.nodeId} ${grant.incarnation}`,
        nodeId: grant.nodeId,
        pool: present ? reported.pool : null,
        granted: grant.pool,
        control: grant.control,
        observed: grant.observed,
        note: present ? null : 'held by an incarnation that is gone, until its sessions have ended',
      };
    })
    .sort((a, b) => byName.compare(a.nodeId, b.nodeId));
}
