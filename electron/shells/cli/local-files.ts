import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BulkheadError } from '../../contract/index.ts';

/** A file that was named on the command line. @throws ARGUMENT_INVALID when it cannot be read */
export function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => { throw cannotBe('read', file, error); });
}

/** @throws ARGUMENT_INVALID when it cannot be written there */
export function writeText(file: string, text: string): Promise<void> {
  return writeFile(file, text).catch((error: unknown) => { throw cannotBe('written', file, error); });
}

/** Makes the folder where it is not there. @throws ARGUMENT_INVALID when they cannot be written there */
export async function writeTexts(folder: string, files: readonly { readonly name: string; readonly content: string }[]): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => { throw cannotBe('made', folder, error); });
  for (const { name, content } of files) await writeText(join(folder, name), content);
}

function cannotBe(done: 'read' | 'written' | 'made', file: string, cause: unknown): BulkheadError {
  const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new BulkheadError('ARGUMENT_INVALID', `${file} cannot be ${done}${reason}`, { cause, hint: 'See whether the path is right, and who may use it.' });
}
