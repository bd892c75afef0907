import { reached, type Figure } from '../framework/row.ts';
import type { Measured } from './results.ts';
import { number, targetOf } from './table.ts';

const left = 520;
const right = 150;
const width = 1090;
const line = 26;
const head = 64;

/** How far a figure is beyond (above 1) or short of its target, whatever the target's sense. */
function score({ ratio, ours, target }: Figure): number {
  const { median } = ratio ?? ours;
  if (target === null) return NaN;
  return target.sense === 'at least' ? median / target.value : target.value / median;
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character);

/** A bar for each figure with a target, on a logarithmic scale: the line in the middle is the target. Readable on light and dark pages. */
export function chart(rows: readonly Measured[]): string {
  const bars = rows.flatMap(({ name, figures }) => figures.filter(({ target }) => target !== null).map((figure) => ({ name, figure })));
  const height = head + bars.length * line + 20;
  const middle = left + (width - left - right) / 2;
  const half = (width - left - right) / 2;
  // a decade to each side
  const at = (value: number): number => middle + Math.max(-1, Math.min(1, Math.log10(value))) * half;
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10].map((value) => `<line x1="${at(value).toFixed(1)}" x2="${at(value).toFixed(1)}" y1="${String(head - 8)}" y2="${String(height - 14)}" class="${value === 1 ? 'target' : 'tick'}"/>`
    + `<text x="${at(value).toFixed(1)}" y="${String(head - 14)}" text-anchor="middle" class="small">${value === 1 ? 'target' : `${String(value)}×`}</text>`);
  const drawn = bars.map(({ name, figure }, index) => {
    const y = head + index * line;
    const value = score(figure);
    const [from, to] = [Math.min(middle, at(value)), Math.max(middle, at(value))];
    const seen = figure.ratio ?? figure.ours;
    const label = figure.ratio === null ? `${number(seen.median)} ${figure.unit}` : `${number(seen.median)} ×`;
    return `<text x="${String(left - 12)}" y="${String(y + 15)}" text-anchor="end">${escaped(`${name}: ${figure.what}`)}</text>`
      + `<rect x="${from.toFixed(1)}" y="${String(y + 4)}" width="${Math.max(2, to - from).toFixed(1)}" height="14" rx="3" class="${reached(figure) === true ? 'good' : 'short'}"/>`
      + `<text x="${String(width - right + 10)}" y="${String(y + 15)}" class="value">${escaped(`${label} (${targetOf(figure)})`)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="Each figure held against its target">
<style>
svg { background: #ffffff; font-family: Inter, system-ui, sans-serif } text { font-size: 12px; fill: #1f2933 } .small { font-size: 11px; fill: #52606d } .title { font-size: 15px; font-weight: 600 }
.tick { stroke: #e4e7eb } .target { stroke: #52606d; stroke-width: 1.5 } .good { fill: #1f8a5b } .short { fill: #c2571a } .value { font-variant-numeric: tabular-nums }
@media (prefers-color-scheme: dark) { svg { background: #12181f } text { fill: #e4e7eb } .small { fill: #9aa5b1 } .tick { stroke: #27313c } .target { stroke: #9aa5b1 } .good { fill: #3fb984 } .short { fill: #f0883e } }
</style>
<text x="20" y="26" class="title">What was measured, held against its target</text>
<text x="${String(width - 20)}" y="26" text-anchor="end" class="small">to the right: better than the target</text>
${[...ticks, ...drawn].join('\n')}
</svg>
`;
}
