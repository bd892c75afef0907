/**
 * One alert's life, by the database's clock (milliseconds). `pending`: the condition is seen, not for long enough yet; `open`: raised;
 * `fading`: raised, and the condition is gone, not for long enough yet.
 */
export type AlertPhase =
  | { readonly phase: 'pending'; readonly since: number }
  | { readonly phase: 'open'; readonly since: number; readonly raisedAt: number }
  | { readonly phase: 'fading'; readonly since: number; readonly raisedAt: number; readonly goneSince: number };

export interface Hysteresis {
  readonly raiseAfterMs: number;
  readonly clearAfterMs: number;
}

/** What becomes of an alert in one evaluation: `null` is none (never raised, or dropped while pending). */
export interface PhaseStep {
  readonly next: AlertPhase | null;
  readonly transition: 'raised' | 'cleared' | null;
}

/**
 * The next phase. An alert is raised once its condition has been seen in every evaluation for `raiseAfterMs`, and cleared once it has been
 * absent from every evaluation for `clearAfterMs`; whatever is shorter changes nothing. So between two transitions of one subject there
 * is never less than the window of the second one.
 *
 * @param unseenSince time of the first evaluation after a pause in which nobody looked: what was not watched does not count towards
 *   a window; null when evaluations follow each other
 */
export function nextPhase(now: AlertPhase | null, present: boolean, at: number, rule: Hysteresis, unseenSince: number | null = null): PhaseStep {
  const counted = (from: number): number => (unseenSince === null ? from : Math.max(from, unseenSince));
  if (now === null || now.phase === 'pending') {
    if (!present) return { next: null, transition: null };
    const since = now === null ? at : counted(now.since);
    if (at - since < rule.raiseAfterMs) return { next: { phase: 'pending', since }, transition: null };
    return { next: { phase: 'open', since, raisedAt: at }, transition: 'raised' };
  }
  const { since, raisedAt } = now;
  if (present) return { next: { phase: 'open', since, raisedAt }, transition: null };
  const goneSince = now.phase === 'fading' ? counted(now.goneSince) : at;
  if (at - goneSince < rule.clearAfterMs) return { next: { phase: 'fading', since, raisedAt, goneSince }, transition: null };
  return { next: null, transition: 'cleared' };
}
