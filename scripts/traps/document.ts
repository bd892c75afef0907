import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../build.ts';
import type { Trap } from './trap.ts';

const file = join(projectRoot, 'docs/correctness.md');
const started = '<!-- traps: written by npm run traps -- --write -->';
const ended = '<!-- end of traps -->';

/** The table of all traps, as Markdown. */
export function tableOf(traps: readonly Trap[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = traps.map(({ number, happens, rule, tests }, at) => {
    const named = tests.map((test) => `\`${test.file}\`: *${test.name}*`).join('; ');
    return `| ${traps[at - 1]?.number === number ? '' : String(number)} | ${cell(happens)} | ${cell(rule)} | ${cell(named)} |`;
  });
  return [started, '', '| | what happens | rule | test that fails without it |', '|---|---|---|---|', ...rows, '', ended].join('\n');
}

/** The document as it should be. @throws when it has lost its marks */
export async function documentWith(traps: readonly Trap[]): Promise<{ readonly present: string; readonly wanted: string }> {
  const present = await readFile(file, 'utf8');
  const [before, rest] = present.split(started);
  const after = rest?.split(ended)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has lost the marks around its traps`);
  return { present, wanted: `${before}${tableOf(traps)}${after}` };
}

export async function writeDocument(traps: readonly Trap[]): Promise<void> {
  await writeFile(file, (await documentWith(traps)).wanted);
}
