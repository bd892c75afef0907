import { isBulkheadError } from '../../contract/index.ts';
import type { Touched } from '../ports.ts';

/** Where changes are prepared: the member itself, or, of a process that follows it, the way there. */
export interface Preparations {
  /** Resolves to the number of the change when nobody can answer what it touches from a cache any more. */
  begin(touched: Touched): Promise<number>;
  /** The change is over. @param unknown whether it took effect is not known: the member finds out before it releases */
  end(number: number, unknown: boolean): void;
}

/** Commits between a preparation and its release, whatever becomes of the commit; resolves to, or throws, what it does. */
export async function preparedChange<T>(preparations: Preparations, touched: Touched, commit: () => Promise<T>): Promise<T> {
  const number = await preparations.begin(touched);
  let unknown = false;
  try {
    return await commit();
  } catch (error) {
    unknown = isBulkheadError(error, 'OUTCOME_UNKNOWN');
    throw error;
  } finally {
    preparations.end(number, unknown);
  }
}
