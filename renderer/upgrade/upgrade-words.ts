import type { UpgradeNode, UpgradePlan, UpgradeRun } from '../../electron/contract/index.ts';
import type { StateWord, Tone } from '../format/states.ts';
import { countOf } from '../format/numbers.ts';

const runWords: Record<UpgradeRun['state'], StateWord> = {
  running: { word: 'running', tone: 'ok' },
  pausing: { word: 'pausing after the node under way', tone: 'warn' },
  paused: { word: 'paused', tone: 'warn' },
  'rolling-back': { word: 'rolling back', tone: 'warn' },
  done: { word: 'done', tone: 'ok' },
  'rolled-back': { word: 'rolled back', tone: 'off' },
  failed: { word: 'stopped at a failure', tone: 'bad' },
  interrupted: { word: 'interrupted', tone: 'warn' },
};
export const runState = (state: UpgradeRun['state']): StateWord => runWords[state];

const nodeWords: Record<UpgradeNode['state'], StateWord> = {
  waiting: { word: 'waiting', tone: 'off' },
  running: { word: 'under way', tone: 'warn' },
  done: { word: 'done', tone: 'ok' },
  unchanged: { word: 'unchanged', tone: 'neutral' },
  failed: { word: 'failed', tone: 'bad' },
  'putting-back': { word: 'being put back', tone: 'warn' },
  'put-back': { word: 'put back', tone: 'off' },
};
export const upgradeNodeState = (state: UpgradeNode['state']): StateWord => nodeWords[state];

/** "about 50 s", "about 4 min": no more exact than an estimate can be. */
export function aboutSeconds(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/** A release's name without its digest: what people call it. */
export const versionOf = (release: string | null): string => release?.replace(/-[0-9a-f]{6,}$/, '') ?? 'nothing';

/** "2 of 3 nodes done", for the head of a run. */
export function progressWords(run: Pick<UpgradeRun, 'nodes'>): string {
  const finished = run.nodes.filter(({ state }) => state === 'done' || state === 'unchanged').length;
  return `${finished} of ${countOf(run.nodes.length, 'node')} done`;
}

/** How far a run is, 0 to 1: whole nodes, and the steps of those under way. */
export function progressShare(run: Pick<UpgradeRun, 'nodes'>): number {
  const parts = run.nodes.map(({ state, stepNumber, steps }) => {
    if (state === 'done' || state === 'unchanged') return 1;
    return state === 'running' ? Math.max(0, stepNumber - 1) / Math.max(1, steps) : 0;
  });
  return parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length);
}

/** Who carries it out, and whether somebody else may take it over now. */
export function holderWords(run: UpgradeRun, now: number): { text: string; free: boolean; tone: Tone } {
  if (run.here) return { text: 'Carried out by this app', free: true, tone: 'neutral' };
  if (run.state === 'interrupted' || now > run.holderUntil) return { text: `${run.holder} carried it out and is not heard of any more`, free: true, tone: 'warn' };
  return { text: `Carried out by ${run.holder}`, free: false, tone: 'neutral' };
}

/** Why a plan cannot be started, in one line; null when it can. */
export function planBlocked(plan: UpgradePlan): string | null {
  if (plan.allowed) return plan.nodes.every(({ unchanged }) => unchanged) ? 'Every node runs it already' : null;
  const failed = plan.checks.filter(({ status }) => status === 'failed');
  const stopping = plan.checks.find(({ stops }) => stops);
  if (failed.length === 0 && stopping !== undefined) return `It is refused unless you take on “${stopping.id}” above`;
  return failed.map(({ found }) => found).join('; ') || 'A check has failed';
}

/** What nobody goes back to, and goes in the end: each release once, with its hosts where they differ. */
export function removedWords({ nodes }: Pick<UpgradePlan, 'nodes'>): string | null {
  const changing = nodes.filter(({ unchanged }) => !unchanged);
  const names = [...new Set(changing.flatMap(({ removes }) => removes))];
  if (names.length === 0) return null;
  return names.map((name) => {
    const on = changing.filter(({ removes }) => removes.includes(name));
    return on.length === changing.length ? versionOf(name) : `${versionOf(name)} (on ${on.map(({ host }) => host).join(', ')})`;
  }).join(', ');
}
