import { Option } from 'commander';
import { BulkheadError, type ContractClient, type ResultOf, type StreamName, type ArgsOf } from '../../contract/index.ts';
import type { Transfers } from '../../control/index.ts';
import { untilAborted } from '../interrupt.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

/** What a command of the CLI works with. */
export interface CliContext {
  /** Opens the control room at the first call. */
  client(): Promise<ContractClient>;
  /** Bytes in and out; opens the control room as `client` does. */
  transfers(): Promise<Transfers>;
  readonly output: Output;
  /** aborts at Ctrl-C */
  readonly signal: AbortSignal;
  /** what the process ends with when nothing is thrown */
  readonly outcome: { exitCode: ExitCode };
  /** Runs the console until it ends; opened by `bulkhead console`. */
  runConsole(options: { port: number; open: boolean }): Promise<void>;
}

/** What a command is about that names no cluster. */
export const demoCluster = { clusterId: 'demo' } as const;

export interface ClusterChoice {
  readonly cluster: string;
}

/** `--cluster NAME`, the demo when left out. */
export function clusterOption(): Option {
  return new Option('--cluster <name>', 'name of a cluster on hosts').default(demoCluster.clusterId, 'the demo cluster');
}

/** How long a picture of a cluster is waited for, milliseconds: to hosts, connections are made first. */
export function patienceFor({ cluster }: ClusterChoice): number {
  return cluster === demoCluster.clusterId ? 4000 : 20_000;
}

/**
 * The first item of a stream that is good enough, or the last one seen when time is up.
 * @param patienceMs how long to wait for an acceptable item
 * @throws CANCELLED when the signal aborts
 */
export function firstItem<N extends StreamName>(
  client: ContractClient,
  name: N,
  args: ArgsOf<N>,
  accept: (item: ResultOf<N>) => boolean,
  patienceMs: number,
  signal: AbortSignal,
): Promise<ResultOf<N>> {
  const { promise, resolve, reject } = Promise.withResolvers<ResultOf<N>>();
  let last: { item: ResultOf<N> } | null = null;
  const timer = setTimeout(() => {
    if (last === null) reject(new Error(`nothing heard of ${name} in ${patienceMs} ms`));
    else resolve(last.item);
  }, patienceMs);
  const interrupted = (): void => { reject(new BulkheadError('CANCELLED')); };
  if (signal.aborted) interrupted();
  signal.addEventListener('abort', interrupted, { once: true });
  const stop = client.subscribe(name, args, {
    item: (item) => {
      last = { item };
      if (accept(item)) resolve(item);
    },
    error: reject,
    end: () => (last === null ? reject(new Error(`${name} ended`)) : resolve(last.item)),
  });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupted);
    stop();
  });
}

/** Shows a stream until Ctrl-C; resolves then, or when the stream ends by itself. */
export function followStream<N extends StreamName>(
  client: ContractClient,
  name: N,
  args: ArgsOf<N>,
  signal: AbortSignal,
  show: (item: ResultOf<N>) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const stop = client.subscribe(name, args, { item: show, error: reject, end: () => resolve(undefined) });
  return Promise.race([promise, untilAborted(signal)]).finally(stop);
}
