import type { Session } from '../cluster/ports.ts';
import { AlertWatch, type AlertWatchOptions } from './watch.ts';

export { AlertFigures, type ClusterFigures } from './figures.ts';
export { definitionOf, effectiveRule, ruleDefinitions } from './rules.ts';

/** Evaluates alert rules and tells webhooks for as long as this node is the master; `signal` ends it. For the runtime's `onMaster`. */
export function watchAlerts(options: AlertWatchOptions): (session: Session, signal: AbortSignal) => void {
  return (session, signal) => {
    void new AlertWatch(options, session, signal).run();
  };
}
