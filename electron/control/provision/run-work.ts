import type { RemoteHost } from './remote-host.ts';
import type { Step } from './step.ts';

/** What one run does, whatever its kind. */
export interface RunWork {
  readonly steps: readonly Step[];
  /** never to be seen in a record */
  readonly secrets: readonly (string | null | undefined)[];
  readonly canRollBack: boolean;
  /** what it does to what, as text: only a run of the same goes on with one that was interrupted */
  readonly subject: string;
  /** writes down what is so now, when all steps were gone through */
  settle(direction: 'forward' | 'back', host: RemoteHost, signal: AbortSignal): Promise<void>;
}

/** What is to be done on a host, which may depend on the host. */
export type WorkOn = (host: RemoteHost) => Promise<Pick<RunWork, 'steps' | 'settle'>>;

/** A run of another kind than nodes' that is to begin. */
export interface OtherRun {
  readonly kind: 'balancer';
  readonly clusterId: string;
  readonly hostId: string;
  /** what it is called in a list of runs: the host */
  readonly name: string;
  /** JSON, understood by `otherWork` */
  readonly target: string;
}

/** Who wants a run, and until when. */
export interface Asked {
  readonly signal: AbortSignal;
  /** whoever has asked: told of the end, and nobody else */
  readonly caller: string;
}
