/** Points at which a test may stop a node for a while; production passes through. */
export type ProbeName = 'prepare' | 'prepared' | 'commit' | 'release' | 'fill' | 'filled' | 'barrier' | 'revoke';

/** The rules that make cached answers linearizable. Each can be taken out, so that a test can show that it is needed. */
export interface CoherenceRules {
  /** writers prepare caching members */
  readonly prepare: boolean;
  /** a member that does not acknowledge loses its right, and its window is waited for */
  readonly revocation: boolean;
  /** every member counts the new holder of a right before it caches */
  readonly barrier: boolean;
  /** fills under way are discarded by a prepare and by a change of the right */
  readonly fillDiscard: boolean;
  /** a member acknowledges when each of its workers has */
  readonly workers: boolean;
  probe(name: ProbeName): Promise<void> | void;
}

export const allRules: CoherenceRules = { prepare: true, revocation: true, barrier: true, fillDiscard: true, workers: true, probe: () => undefined };

/**
 * With NODE_ENV=test, and in no other environment: BULKHEAD_TEST_FAULTS names rules to take out ("prepare,revocation,barrier,
 * fill-discard,workers"), BULKHEAD_TEST_PAUSES gives probes a random pause up to so many milliseconds ("fill=20,commit=5").
 */
export function rulesOf(environment: NodeJS.ProcessEnv): CoherenceRules {
  if (environment['NODE_ENV'] !== 'test') return allRules;
  const out = new Set((environment['BULKHEAD_TEST_FAULTS'] ?? '').split(','));
  const pauses = new Map((environment['BULKHEAD_TEST_PAUSES'] ?? '').split(',').map((entry): [string, number] => {
    const [name = '', ms = '0'] = entry.split('=');
    return [name, Number(ms)];
  }));
  return {
    prepare: !out.has('prepare'),
    revocation: !out.has('revocation'),
    barrier: !out.has('barrier'),
    fillDiscard: !out.has('fill-discard'),
    workers: !out.has('workers'),
    probe: (name) => {
      const longest = pauses.get(name) ?? 0;
      return longest > 0 ? new Promise((resolve) => setTimeout(resolve, Math.random() * longest)) : undefined;
    },
  };
}
