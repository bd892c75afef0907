import { countOf, formatCount } from '../format/numbers.ts';

/** How many requests of a drill, or of several, got no good answer: none is what is promised. */
export function failedFigure(failed: number, sent: number): { what: string; value: string; of: string; tone: 'ok' | 'bad' } {
  return { what: 'Requests that failed', value: formatCount(failed), of: `of ${countOf(sent, 'probe')}`, tone: failed === 0 ? 'ok' : 'bad' };
}
