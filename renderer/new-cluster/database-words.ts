import type { DatabaseFacts } from '../../electron/contract/index.ts';
import type { Failure } from '../format/failures.ts';
import { formatDuration } from '../format/times.ts';

/** What this server does to a write that it has acknowledged, in a sentence. */
export function durabilityOf({ fsync, synchronousCommit, synchronousStandbys, standbys }: DatabaseFacts['durability']): { readonly text: string; readonly tone: 'ok' | 'warn' | 'bad' } {
  if (!fsync) return { tone: 'bad', text: 'fsync is off: a power cut can destroy the database' };
  if (synchronousCommit === 'off') return { tone: 'bad', text: 'synchronous_commit is off: a crash loses what was acknowledged' };
  if (standbys > 0 && synchronousStandbys === '') return { tone: 'warn', text: 'No commit waits for a standby: a failover of the database may lose what was acknowledged' };
  if (standbys > 0 && synchronousCommit === 'local') return { tone: 'warn', text: 'synchronous_commit is local: a failover of the database may lose what was acknowledged' };
  return { tone: 'ok', text: standbys > 0 ? 'On disk here and on a standby' : 'On disk' };
}

/** Whether the nodes that are planned fit, with the sum behind it. */
export function roomFor({ budget, indispensable, control }: Pick<DatabaseFacts, 'budget' | 'indispensable' | 'control'>, nodes: number, poolMin: number): { readonly text: string; readonly fits: boolean } {
  const needed = nodes * (poolMin + control);
  const free = budget - indispensable;
  const short = needed - free;
  const sum = `${nodes} × (${poolMin} + ${control}) = ${needed} needed, ${free} there`;
  return short > 0 ? { text: `${sum}: ${short} short`, fits: false } : { text: sum, fits: true };
}

/** What one of several servers said, in a sentence. */
export function serverWords({ facts, failure }: { readonly facts: Pick<DatabaseFacts, 'isStandby' | 'serverVersion' | 'roundTripMs'> | null; readonly failure: Pick<Failure, 'message'> | null }): { readonly text: string; readonly tone: 'ok' | 'bad' } {
  if (facts === null) return { tone: 'bad', text: `✗ ${failure?.message ?? 'It does not answer'}` };
  return { tone: 'ok', text: `✓ ${facts.isStandby ? 'Standby' : 'Primary'}, PostgreSQL ${facts.serverVersion}, signed in within ${formatDuration(facts.roundTripMs)}` };
}
