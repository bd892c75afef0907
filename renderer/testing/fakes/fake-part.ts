import type { ArgsOf, CallName, ResultOf, StreamName } from '../../../electron/contract/index.ts';

export type Answers = Partial<{ [N in CallName]: (args: ArgsOf<N>) => Promise<ResultOf<N>> | ResultOf<N> }>;
export type Streams = Partial<{ [N in StreamName]: (args: ArgsOf<N>, send: (item: ResultOf<N>) => void) => () => void }>;

/** What one area of the made-up control room answers. */
export interface FakePart {
  readonly answers: Answers;
  readonly streams: Streams;
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An error as the control room sends it. */
export const refusal = (code: string, message: string, hint: string, details?: unknown): Error => Object.assign(new Error(message), { code, hint, details });
