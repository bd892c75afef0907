import { BulkheadError, operations, type Handlers, type OperationName } from '../../contract/index.ts';

/**
 * A control room for tests of the shells: answers what the test gives, and DEMO_NOT_RUNNING for all else.
 * Never part of a program.
 */
export function stubHandlers(given: Partial<Handlers>): Handlers {
  const missing = (name: OperationName): unknown => {
    const refuse = (): never => { throw new BulkheadError('DEMO_NOT_RUNNING'); };
    // eslint-disable-next-line require-yield -- a stream that fails before its first item
    return operations[name].kind === 'stream' ? async function* refused() { refuse(); } : async () => refuse();
  };
  const names = Object.keys(operations) as OperationName[];
  return { ...Object.fromEntries(names.map((name) => [name, missing(name)])), ...given } as Handlers;
}
