import { Option } from 'commander';
import { BulkheadError } from '../../contract/index.ts';

/** `--yes`, the same everywhere. */
export const yesOption = (): Option => new Option('--yes', 'do it');

/**
 * Nothing that cannot be taken back is done unasked.
 *
 * @param consequence what it would do, in a sentence
 * @throws CONFIRMATION_NEEDED
 */
export function requireYes(yes: boolean | undefined, consequence: string, look = ''): void {
  if (yes === true) return;
  throw new BulkheadError('CONFIRMATION_NEEDED', consequence, { hint: `${look}Say --yes to do it. Nothing was changed.` });
}
