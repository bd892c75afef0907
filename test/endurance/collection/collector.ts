import { taskRun, type TaskRun } from '../../../server-bundle/contract/index.ts';
import type { NodeClient } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

interface Collected {
  runs: number;
  tombstoned: number;
  deleted: number;
  /** runs that ended early because their transactions took too long, or their master was replaced: the next one goes on */
  early: number;
}

/** With these a run may end early: it has done nothing by halves. */
const endings = new Set(['OVERLOADED', 'DATABASE_UNAVAILABLE', 'FILESTORE_UNAVAILABLE', 'NOT_MASTER']);

/** Asks for one collection after the other, until it is told to stop. */
export class Collector {
  readonly total: Collected = { runs: 0, tombstoned: 0, deleted: 0, early: 0 };
  readonly failures: string[] = [];
  readonly #nodes: readonly NodeClient[];
  #over = false;
  #loop: Promise<void> | undefined;

  constructor(nodes: readonly NodeClient[]) {
    this.#nodes = nodes;
  }

  start(): void {
    this.#loop = (async () => {
      while (!this.#over) await this.collect();
    })();
  }

  /** @throws what a run of the loop has thrown */
  async stop(): Promise<void> {
    this.#over = true;
    await this.#loop;
  }

  /** One run, from its request to its report. */
  async collect(): Promise<Collected> {
    const run = await this.#run();
    const counts: Partial<Record<string, unknown>> = run.report ?? {};
    const code = run.state === 'succeeded' ? null : codeIn(counts);
    if (code !== null && !endings.has(code)) this.failures.push(`a collection ended as ${run.state}: ${JSON.stringify(run)}`);
    const [tombstoned, deleted] = [Number(counts['tombstoned'] ?? 0), Number(counts['deleted'] ?? 0)];
    this.total.runs += 1;
    this.total.tombstoned += tombstoned;
    this.total.deleted += deleted;
    if (code !== null) this.total.early += 1;
    return { runs: 1, tombstoned, deleted, early: code === null ? 0 : 1 };
  }

  async #run(): Promise<TaskRun> {
    const id = await waitFor('a node that takes the request for a collection', async () => {
      const asked = await this.#nodes[this.total.runs % this.#nodes.length]!.post('/api/system/storage/gc');
      return asked.status === 202 ? taskRun.parse(asked.json()).id : undefined;
    }, { timeoutMs: 300_000, everyMs: 100 });
    let last: TaskRun | undefined;
    return waitFor('the end of a collection', async () => {
      last = taskRun.parse((await this.#nodes[0]!.get(`/api/v1/tasks/${id}`)).json());
      return last.finishedAt === null ? undefined : last;
    }, { timeoutMs: 300_000, everyMs: 50 }).catch((error: unknown) => { throw new Error(`a collection does not end: ${JSON.stringify(last)}`, { cause: error }); });
  }
}

/** The code of the error with which a run ended. */
function codeIn(report: Partial<Record<string, unknown>>): string {
  const { error } = report;
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'NOT_MASTER';
}
