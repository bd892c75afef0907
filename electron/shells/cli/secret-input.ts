import { BulkheadError } from '../../contract/index.ts';
import { textOf } from './local-files.ts';

/**
 * A secret from a file, or from standard input when the file is "-". Never from the command line, which every user of the machine
 * can read. Undefined when no file is named.
 * @throws ARGUMENT_INVALID when the file cannot be read, or is empty
 */
export async function secretFrom(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = file === '-' ? await standardInput() : await textOf(file);
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new BulkheadError('ARGUMENT_INVALID', `${file === '-' ? 'standard input' : file} holds no secret`);
  return secret;
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
