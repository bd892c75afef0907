import type { Spelling } from './paths.ts';

/** How a list is answered. */
export interface Answered {
  readonly spelling: Spelling;
  /** of the Content-Type header */
  readonly mimeType: string;
}

interface Offer extends Answered {
  readonly names: readonly string[];
}

/** In the order in which they are preferred where a client names several of them alike. */
const offers: readonly Offer[] = [
  { names: ['application/vnd.pypi.simple.v1+json', 'application/vnd.pypi.simple.latest+json'], spelling: 'json', mimeType: 'application/vnd.pypi.simple.v1+json' },
  { names: ['application/vnd.pypi.simple.v1+html', 'application/vnd.pypi.simple.latest+html'], spelling: 'html', mimeType: 'application/vnd.pypi.simple.v1+html' },
  { names: ['text/html'], spelling: 'html', mimeType: 'text/html; charset=utf-8' },
];

/**
 * Chooses how a list is written (PEP 691, "Version + Format Selection"; RFC 9110, section 12.5.1). HTML where the client does not care.
 * @param accept the Accept header
 * @param format the query parameter of that name; it wins
 * @returns null when nothing that is offered is acceptable
 */
export function chooseSpelling(accept: string | undefined, format?: string): Answered | null {
  if (format !== undefined) return offers.find(({ names }) => names.includes(format.toLowerCase())) ?? null;
  const ranges = (accept ?? '').split(',').map(mediaRange).filter((range) => range.name !== '');
  const html = offers.find(({ names }) => names.includes('text/html'));
  if (ranges.length === 0) return html ?? null;
  let best: { readonly offer: Offer; readonly quality: number; readonly exact: boolean } | null = null;
  for (const offer of offers) {
    const [match] = ranges.filter(({ name }) => covers(name, offer)).sort((a, b) => precision(b.name) - precision(a.name) || b.quality - a.quality);
    if (match === undefined || match.quality === 0) continue;
    const exact = precision(match.name) === 2;
    const better = best === null || match.quality > best.quality || (match.quality === best.quality && exact && !best.exact);
    // behind a wildcard the last offer, plain HTML, is what everybody can read
    if (better || (match.quality === best?.quality && !exact && !best.exact)) best = { offer, quality: match.quality, exact };
  }
  return best?.offer ?? null;
}

function mediaRange(text: string): { readonly name: string; readonly quality: number } {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = weight === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
  return { name, quality };
}

function precision(range: string): number {
  return range === '*/*' ? 0 : range.endsWith('/*') ? 1 : 2;
}

function covers(range: string, { names }: Offer): boolean {
  if (range === '*/*') return true;
  return range.endsWith('/*') ? names.some((name) => name.startsWith(range.slice(0, -1))) : names.includes(range);
}
