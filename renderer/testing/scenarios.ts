/** Situations that the gallery and the tests can be put into. */
export const scenarios = ['first-run', 'running', 'idle', 'degraded', 'masterless', 'database-down', 'nine', 'one', 'lost', 'start-fails', 'slow',
  // a cluster on hosts is the chosen one
  'lan', 'lan-trouble', 'lan-upgrading', 'lan-upgrade-failed', 'lan-upgrade-elsewhere', 'lan-empty', 'lan-new', 'lan-provisioning', 'lan-interrupted', 'lan-alone', 'lan-odd'] as const;
export type Scenario = (typeof scenarios)[number];

export function isScenario(name: string): name is Scenario {
  return scenarios.some((known) => known === name);
}
