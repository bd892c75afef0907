import type { ArgsOf, CallName, ParsedArgsOf, ResultOf, StreamName } from './operations.ts';

/**
 * What a screen or script holds. Errors are thrown as `ContractError` (code, message, hint, details of the registry);
 * the loss of the control room itself is `onConnection(false)`, calls under way then fail with CLUSTER… never silently.
 */
export interface ContractClient {
  call<N extends CallName>(name: N, args: ArgsOf<N>, options?: { signal?: AbortSignal }): Promise<ResultOf<N>>;
  /** Returns the unsubscriber. After a reconnect the stream is opened again by the client itself. */
  subscribe<N extends StreamName>(
    name: N,
    args: ArgsOf<N>,
    on: { item: (item: ResultOf<N>) => void; error?: (error: Error) => void; end?: () => void },
  ): () => void;
  /** Called at once with the present state, then on every change. Returns the unsubscriber. */
  onConnection(listener: (connected: boolean) => void): () => void;
}

export interface CallContext {
  /** aborts when the caller cancels; for queries and streams also when it goes away (a command then goes on to its end) */
  readonly signal: AbortSignal;
  /** who asks, for the journal: "desktop", "console", "cli" */
  readonly caller: string;
}

/** The control room's side: one handler per operation. Streams are async iterables that stop when `signal` aborts. */
export type Handlers = {
  [N in CallName]: (args: ParsedArgsOf<N>, context: CallContext) => Promise<ResultOf<N>>;
} & {
  [N in StreamName]: (args: ParsedArgsOf<N>, context: CallContext) => AsyncIterable<ResultOf<N>>;
};
