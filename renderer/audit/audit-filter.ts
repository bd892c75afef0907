import type { ArgsOf } from '../../electron/contract/index.ts';

/** What is typed and chosen above the audit log; '' is "any". */
export interface AuditFilter {
  user: string;
  action: string;
  repository: string;
  result: string;
  span: AuditSpan;
  /** what a `datetime-local` field holds; used with the span `between` */
  from: string;
  to: string;
}
export type AuditSpan = '' | 'hour' | 'day' | 'week' | 'between';

export const anyEntry: Readonly<AuditFilter> = { user: '', action: '', repository: '', result: '', span: '', from: '', to: '' };

export const spans: readonly { readonly span: AuditSpan; readonly title: string }[] = [
  { span: '', title: 'any time' }, { span: 'hour', title: 'the last hour' }, { span: 'day', title: 'the last 24 hours' }, { span: 'week', title: 'the last 7 days' }, { span: 'between', title: 'between…' },
];
const spanMs = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 } as const;

/** What is wrong with the chosen time; null when nothing is. */
export function spanProblem({ span, from, to }: AuditFilter): string | null {
  if (span !== 'between') return null;
  const [since, until] = [Date.parse(from), Date.parse(to)];
  if ((from !== '' && Number.isNaN(since)) || (to !== '' && Number.isNaN(until))) return 'That is no time';
  return since >= until ? 'The end lies before the beginning' : null;
}

/** The filter as the control room is asked for it; null while the time makes no sense. @param now milliseconds since 1970 */
export function auditQuestion(clusterId: string, filter: AuditFilter, now: number, before?: number): ArgsOf<'audit.list'> | null {
  if (spanProblem(filter) !== null) return null;
  const { user, action, repository, result, span, from, to } = filter;
  const text = (name: string, value: string): Record<string, string> => (value.trim() === '' ? {} : { [name]: value.trim() });
  const time = (name: string, value: string): Record<string, number> => (value === '' ? {} : { [name]: Date.parse(value) });
  return {
    clusterId, limit: 100,
    ...text('user', user), ...text('action', action), ...text('repository', repository), ...text('result', result),
    ...(span === 'between' ? { ...time('since', from), ...time('until', to) } : span === '' ? {} : { since: now - spanMs[span] }),
    ...(before === undefined ? {} : { before }),
  };
}
