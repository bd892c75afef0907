import type { HostReport } from '../../electron/contract/index.ts';
import { countOf } from '../format/numbers.ts';
import type { Tone } from '../format/states.ts';

export type Check = HostReport['checks'][number];

export const checkTones: Readonly<Record<Check['status'], Tone>> = { passed: 'ok', warning: 'warn', failed: 'bad' };

const titles: Readonly<Record<Check['category'], string>> = { system: 'System', network: 'Network', database: 'Database', filestore: 'Filestore', service: 'Service' };
const categories = ['system', 'network', 'database', 'filestore', 'service'] as const;
const severity: Readonly<Record<Check['status'], number>> = { failed: 0, warning: 1, passed: 2 };

export interface CheckGroup {
  readonly category: Check['category'];
  readonly title: string;
  readonly summary: string;
  readonly checks: readonly Check[];
}

/** Checks by category, trouble first. */
export function byCategory(checks: readonly Check[], onlyProblems: boolean): CheckGroup[] {
  return categories.flatMap((category) => {
    const all = checks.filter((check) => check.category === category);
    const shown = all.filter(({ status }) => !onlyProblems || status !== 'passed').toSorted((a, b) => severity[a.status] - severity[b.status]);
    return shown.length === 0 ? [] : [{ category, title: titles[category], summary: countChecks(all), checks: shown }];
  });
}

/** "1 failed, 2 warnings, 18 passed": trouble first, what there is none of is left out. */
export function countChecks(checks: readonly Pick<Check, 'status'>[]): string {
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const parts = [count('failed') > 0 ? `${count('failed')} failed` : '', count('warning') > 0 ? countOf(count('warning'), 'warning') : '', count('passed') > 0 ? `${count('passed')} passed` : ''];
  return parts.filter((part) => part !== '').join(', ');
}

/** The worst of them. */
export function worstStatus(checks: readonly Pick<Check, 'status'>[]): Check['status'] {
  return (['failed', 'warning'] as const).find((status) => checks.some((check) => check.status === status)) ?? 'passed';
}

/** "clock-against-database" → "Clock against database". */
export function checkTitle(id: string): string {
  const words = id.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
