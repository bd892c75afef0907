import type { z } from 'zod';
import { asBulkheadError, BulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, Handlers } from './client.ts';
import { operations, type OperationName } from './operations.ts';
import { toControl, type ToClient, type ToControl, type Wire, type WireError } from './wire.ts';

export interface ServeOptions {
  /** who sits at the other end, for the journal: "desktop", "console", "cli" */
  readonly caller: string;
  /** told of whatever became INTERNAL, with its cause; for the log of the shell */
  readonly onInternalError?: (operation: string, error: unknown) => void;
}

/** `Handlers` once an operation was picked by a name that is only known at run time; both sides are parsed by the schemas. */
type Handler = (args: unknown, context: CallContext) => unknown;

/**
 * Serves the handlers over one wire until it closes: arguments and results are parsed, calls can be cancelled,
 * streams unsubscribed. When the wire is lost, questions and streams are aborted; a command that has begun goes on to
 * its end, because a reloaded page or a broken connection is no wish to stop it. Returns the function that stops
 * serving and aborts everything.
 */
export function serve(handlers: Handlers, wire: Wire<ToClient, ToControl>, options: ServeOptions): () => void {
  const underWay = new Map<number, { readonly name: string; readonly abort: AbortController }>();

  const handlerOf = (name: string, kind: 'call' | 'subscribe'): { name: OperationName; handler: Handler } => {
    if (!isOperation(name) || (operations[name].kind === 'stream') !== (kind === 'subscribe')) {
      throw new BulkheadError('METHOD_UNKNOWN', undefined, { details: { name } });
    }
    return { name, handler: handlers[name] as Handler };
  };

  const call = async (id: number, name: string, args: unknown, signal: AbortSignal): Promise<void> => {
    const operation = handlerOf(name, 'call');
    const context = { signal, caller: options.caller };
    const value = await operation.handler(parseArguments(operation.name, args), context);
    wire.send({ kind: 'result', id, value: parseResult(operation.name, value) });
  };

  const stream = async (id: number, name: string, args: unknown, signal: AbortSignal): Promise<void> => {
    const operation = handlerOf(name, 'subscribe');
    const context = { signal, caller: options.caller };
    const items = operation.handler(parseArguments(operation.name, args), context) as AsyncIterable<unknown>;
    for await (const item of untilAborted(items, signal)) {
      wire.send({ kind: 'item', id, value: parseResult(operation.name, item) });
      // the next item is only taken once this one is on its way: the source decides what a slow reader misses
      await wire.drained?.();
    }
    if (!signal.aborted) wire.send({ kind: 'end', id });
  };

  const run = async (message: ToControl & { kind: 'call' | 'subscribe' }): Promise<void> => {
    const { id, name } = message;
    if (underWay.has(id)) return;
    const abort = new AbortController();
    underWay.set(id, { name, abort });
    try {
      await (message.kind === 'call' ? call : stream)(id, name, message.args, abort.signal);
    } catch (error) {
      if (message.kind === 'subscribe' && abort.signal.aborted) return;
      const answer = abort.signal.aborted && !(error instanceof BulkheadError) ? new BulkheadError('CANCELLED') : asBulkheadError(error);
      if (answer.code === 'INTERNAL') options.onInternalError?.(name, answer.cause ?? answer);
      wire.send({ kind: 'error', id, error: toWireError(answer) });
    } finally {
      underWay.delete(id);
    }
  };

  const stopListening = wire.onMessage((received) => {
    const message = toControl.safeParse(received);
    if (!message.success) return;
    if (message.data.kind === 'call' || message.data.kind === 'subscribe') void run(message.data);
    else underWay.get(message.data.id)?.abort.abort();
  });
  const stopWatching = wire.onClose(() => {
    stopListening();
    for (const { name, abort } of underWay.values()) if (!isCommand(name)) abort.abort();
  });
  return () => {
    stopWatching();
    stopListening();
    for (const { abort } of underWay.values()) abort.abort();
  };
}

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

function isCommand(name: string): boolean {
  return isOperation(name) && operations[name].kind === 'command';
}

function parseArguments(name: OperationName, args: unknown): unknown {
  const parsed = operations[name].args.safeParse(args ?? {});
  if (parsed.success) return parsed.data;
  throw new BulkheadError('ARGUMENT_INVALID', undefined, { details: issuesOf(parsed.error) });
}

function parseResult(name: OperationName, value: unknown): unknown {
  const parsed = operations[name].result.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BulkheadError('INTERNAL', undefined, { cause: new Error(`result of ${name}: ${JSON.stringify(issuesOf(parsed.error))}`) });
}

function issuesOf(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
}

/** What of an error may cross the wire: never a stack, never a cause. */
function toWireError(error: BulkheadError): WireError {
  return error.toBody();
}

/** The items of a source, until it ends or the signal aborts; a source that ignores the signal is left behind. */
async function* untilAborted(items: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
  const iterator = items[Symbol.asyncIterator]();
  const { promise: aborted, resolve } = Promise.withResolvers<{ done: true; value: undefined }>();
  const onAbort = (): void => resolve({ done: true, value: undefined });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // an iterator that is waiting answers only after its wait: nobody has to wait for that
    iterator.return?.().catch(() => undefined);
  }
}
