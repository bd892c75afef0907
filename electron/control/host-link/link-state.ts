import type { ErrorBody } from '../../../server-bundle/contract/index.ts';
import type { Reachability } from '../../contract/index.ts';
import type { Vitals } from './vitals.ts';

/** What this machine knows of its way to a host, and what the host said last. */
export interface LinkState {
  readonly reachability: Reachability;
  /** since when, milliseconds since 1970; for `unreachable`: when it was last heard, if it ever was */
  readonly since: number | null;
  readonly problem: Pick<ErrorBody, 'code' | 'message' | 'hint'> | null;
  /** the last sign of life, monotonic milliseconds */
  readonly heardAt: number | null;
  /** time between two questions now, milliseconds */
  readonly intervalMs: number;
  readonly vitals: Vitals | null;
}
