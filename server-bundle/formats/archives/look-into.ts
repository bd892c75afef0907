import { BulkheadError } from '../../contract/index.ts';

/**
 * Runs a look into an archive that somebody sent. What is wrong with the archive becomes PACKAGE_INVALID; what is wrong with us (the filestore, the
 * disk) stays what it is.
 * @param what names the file in the message
 */
export async function lookInto<T>(what: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof BulkheadError || (error instanceof Error && 'syscall' in error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BulkheadError('PACKAGE_INVALID', `${what} cannot be read: ${reason}`, { details: { file: what, reason }, cause: error });
  }
}
