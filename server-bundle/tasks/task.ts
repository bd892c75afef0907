import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../metadata/schema.ts';

export type Values = Readonly<Record<string, unknown>>;

/** What a run may do with the cluster. */
export interface TaskControl {
  /** for reading; every effect goes through `fenced` */
  readonly db: Kysely<Database>;
  /** One short transaction of master's work; see `Leadership.fenced`. */
  fenced<T>(effect: (trx: Transaction<Database>) => Promise<T>): Promise<T>;
  /**
   * Called between the steps of a run with all that was done so far: it becomes the progress (written now and then) and, at the end or
   * at a failure, the report.
   * @throws CANCELLED when somebody asked for the end, NOT_MASTER when this node is not the master any more
   */
  step(done: Values): Promise<void>;
}

/** A cluster-wide task: the master runs it, one run of a kind at a time. */
export interface Task {
  readonly kind: string;
  /** length of a slot in seconds; every slot runs once. Null: on request only */
  readonly slotSeconds: number | null;
  /** Whether a run is worth a line in the history of the cluster. */
  readonly announced: (report: Values) => boolean;
  /** Does the work; resolves to the report. */
  run(args: Values, control: TaskControl): Promise<Values>;
}
