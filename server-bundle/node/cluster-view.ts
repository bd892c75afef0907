import type { NodeConfig } from '../config/schema.ts';
import type { ClusterNode, ClusterView, FilestoreState, ObservedState } from '../contract/index.ts';
import type { Reader } from '../cluster/ports.ts';
import { controlConnections } from '../cluster/grants/distribute.ts';
import { clusterRows, databaseBudget, storedTotals, type NodeRow, type StoredTotals } from '../metadata/cluster-view.ts';

export interface ViewOptions {
  readonly config: NodeConfig;
  readonly filestoreState: () => Pick<FilestoreState, 'path' | 'state' | 'totalBytes' | 'freeBytes'>;
  readonly ownState: () => ObservedState;
}

const totalsMs = 10_000;
const noPool = { max: 0, inUse: 0, idle: 0, waiting: 0 };

/** When the next slot of a schedule begins, by the clock of the database; null when there is no schedule. */
function nextSlot(asOf: string, everyMs: number): string | null {
  return everyMs === 0 ? null : new Date((Math.floor(Date.parse(asOf) / everyMs) + 1) * everyMs).toISOString();
}

/** `GET /api/v1/cluster`, from the database at the moment it is asked. */
export class ClusterViewer {
  readonly #options: ViewOptions;
  #totals: Promise<StoredTotals> | null = null;
  #totalsAt = -Infinity;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  async view(db: Reader): Promise<ClusterView> {
    const { config, filestoreState } = this.#options;
    const { database } = config;
    const [rows, budget, totals] = [
      await clusterRows(db),
      await databaseBudget(db, {
        host: database.host, port: database.port, name: database.name, keepForOthers: database.keepForOthers,
        minimumPerNode: database.pool.min + controlConnections, wantedPerNode: database.pool.max + controlConnections,
      }),
      await this.#storedTotals(db),
    ];
    return {
      apiVersion: 1,
      asOf: rows.asOf,
      answeredBy: config.node.id,
      cluster: { id: rows.id, name: rows.name },
      master: rows.master,
      nodes: rows.nodes.map((row) => this.#node(row)),
      database: budget,
      filestore: { ...filestoreState(), ...totals, nextCollectionAt: nextSlot(rows.asOf, config.tasks.gc.intervalMinutes * 60_000) },
      collectionLocked: rows.collectionLocked,
    };
  }

  /** At most every ten seconds: it reads the whole blob table. */
  #storedTotals(db: Reader): Promise<StoredTotals> {
    const now = performance.now();
    if (this.#totals === null || now - this.#totalsAt > totalsMs) {
      this.#totalsAt = now;
      const asked = storedTotals(db);
      this.#totals = asked;
      asked.catch(() => { if (this.#totals === asked) this.#totals = null; });
    }
    return this.#totals;
  }

  #node(row: NodeRow): ClusterNode {
    const { state: _state, goneCause, ...known } = row;
    const observed = row.nodeId === this.#options.config.node.id ? this.#options.ownState() : this.#observed(row);
    const live = row.incarnation !== null && goneCause === null;
    return { ...known, observed, pool: live ? known.pool : noPool, rates: live ? known.rates : null, facts: live ? known.facts : null, inFlight: live ? known.inFlight : 0 };
  }

  /** Another member as it says of itself while its heartbeats come, and our verdict when they do not. */
  #observed(row: NodeRow): ObservedState {
    if (row.incarnation === null || row.state === null || row.goneCause === 'left') return 'stopped';
    if (row.goneCause !== null) return 'unreachable';
    const { heartbeatMs, coherenceWindowMs } = this.#options.config.timing;
    const late = Math.max(heartbeatMs * 4, coherenceWindowMs);
    return (row.heartbeatAgeMs ?? 0) > late ? 'unreachable' : row.state;
  }
}
