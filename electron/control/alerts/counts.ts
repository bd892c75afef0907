import type { Alert, AlertPicture } from '../../contract/index.ts';

/** How many want attention. */
export function countsOf(alerts: readonly Alert[]): AlertPicture['counts'] {
  const isMuted = ({ mutedUntil }: Alert): boolean => mutedUntil !== null;
  const loud = alerts.filter((alert) => !isMuted(alert) && alert.acknowledged === null);
  return {
    bad: loud.filter(({ severity }) => severity === 'bad').length,
    warning: loud.filter(({ severity }) => severity === 'warning').length,
    acknowledged: alerts.filter((alert) => !isMuted(alert) && alert.acknowledged !== null).length,
    muted: alerts.filter(isMuted).length,
  };
}
