import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Circumstances } from '../framework/machine.ts';
import type { RowResult } from '../framework/row.ts';

/** A row with what was seen, when and where. */
export interface Measured extends RowResult, Circumstances {
  readonly name: string;
  readonly title: string;
  readonly quick: boolean;
}

const file = join(import.meta.dirname, '../results.json');

/** Puts new results beside the last ones of other rows; resolves to all of them, in the order of the rows. */
export async function keep(measured: readonly Measured[], order: readonly string[]): Promise<Measured[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const before = (JSON.parse(text) as Measured[]).filter(({ name }) => !measured.some((each) => each.name === name));
  const all = [...before, ...measured].filter(({ name }) => order.includes(name)).sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  await writeFile(file, `${JSON.stringify(all, null, 1)}\n`);
  return all;
}
