import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/build.ts';
import { chart } from './chart.ts';
import type { Measured } from './results.ts';
import { number, spread, targetOf, verdict } from './table.ts';

const started = '<!-- results: written by npm run bench -->';
const ended = '<!-- end of results -->';
const file = join(projectRoot, 'docs/benchmarks.md');

function section({ title, name, figures, notes, at, loadBefore, commit, quick }: Measured): string {
  const lines = figures.map((figure) => {
    const { what, unit, ours, theirs, ratio } = figure;
    return `| ${what} | ${number(ours.median)} ${unit} | ${theirs === null ? '' : `${number(theirs.median)} ${unit}`} | ${ratio === null ? '' : spread(ratio)} | ${targetOf(figure)} | ${verdict(figure)} |`;
  });
  return [
    `### ${title}`, '', '| | ours | peer | ratio (lowest–highest) | target | |', '|---|---|---|---|---|---|', ...lines, '',
    ...notes.flatMap((note) => [note, '']),
    `<sub>\`npm run bench -- --only ${name}\`, ${at.slice(0, 16).replace('T', ' ')} UTC, ${commit}; load of the machine before: ${number(loadBefore)} per core${quick ? '; **short run**' : ''}</sub>`, '',
  ].join('\n');
}

/** The part of the document that holds results. */
export function resultsOf(rows: readonly Measured[]): string {
  const machines = [...new Set(rows.map(({ machine, pinning }) => `${machine}; ${pinning}`))];
  return [
    started, '', ...machines.map((machine) => `Machine: ${machine}.`), '',
    '![Each figure held against its target](images/benchmarks.svg)', '', ...rows.map(section), ended,
  ].join('\n');
}

/** Writes results and chart; what people wrote around the results stays. */
export async function writeDocument(rows: readonly Measured[]): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [before, rest] = text.split(started);
  const after = rest?.split(ended)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has lost the marks around its results`);
  await mkdir(join(projectRoot, 'docs/images'), { recursive: true });
  await writeFile(join(projectRoot, 'docs/images/benchmarks.svg'), chart(rows));
  await writeFile(file, `${before}${resultsOf(rows)}${after}`);
}
