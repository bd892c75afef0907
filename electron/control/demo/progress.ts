import { errorCodes, type BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { DemoProgress } from '../../contract/index.ts';
import { Snapshot } from '../streams/index.ts';

type Step = NonNullable<DemoProgress['step']>;
export type Lifecycle = DemoProgress['lifecycle'];

/** One step of a start or stop, as it is shown. */
export interface ProgressStep {
  readonly step: Step;
  readonly label: string;
}

export const startSteps: readonly ProgressStep[] = [
  { step: 'prepare', label: 'Checking folder, port and programs' },
  { step: 'clean-up', label: 'Clearing what an earlier start left' },
  { step: 'initdb', label: 'Creating the database' },
  { step: 'database', label: 'Starting PostgreSQL' },
  { step: 'migrate', label: 'Creating schema and administrator' },
  { step: 'nodes', label: 'Starting the nodes' },
  { step: 'balancer', label: 'Starting the balancer' },
  { step: 'ready', label: 'Waiting until the cluster serves' },
];

export const stopSteps: readonly ProgressStep[] = [
  { step: 'balancer', label: 'Stopping the balancer' },
  { step: 'nodes', label: 'Draining the nodes' },
  { step: 'database', label: 'Stopping PostgreSQL' },
];

const labels: Record<Lifecycle, string> = { off: 'Off', starting: 'Starting', running: 'Running', stopping: 'Stopping', failed: 'Failed' };

/** What can be said of a cluster of which only the lifecycle is known. */
export function progressAtRest(lifecycle: Lifecycle): DemoProgress {
  return { lifecycle, step: null, stepIndex: 0, stepCount: 0, label: labels[lifecycle], next: null, elapsedMs: 0, failure: null };
}

const atRest = progressAtRest('off');

/** How far a start or stop of this process has come. */
export class Progress {
  readonly snapshot = new Snapshot<DemoProgress>(atRest);
  #steps: readonly ProgressStep[] = startSteps;
  #startedAt = 0;

  begin(lifecycle: 'starting' | 'stopping', steps: readonly ProgressStep[]): void {
    this.#steps = steps;
    this.#startedAt = performance.now();
    this.snapshot.set({
      ...atRest, lifecycle, step: steps[0]?.step ?? null, stepIndex: 1, stepCount: steps.length,
      label: steps[0]?.label ?? '', next: steps[1]?.label ?? null,
    });
  }

  /** @param detail replaces the step's own words */
  reach(step: Step, detail?: string): void {
    const index = this.#steps.findIndex((known) => known.step === step);
    this.snapshot.set({
      ...this.snapshot.value, step, stepIndex: index + 1, label: detail ?? this.#steps[index]?.label ?? '',
      next: this.#steps[index + 1]?.label ?? null, elapsedMs: this.#elapsed,
    });
  }

  finish(lifecycle: 'running' | 'off'): void {
    this.snapshot.set({ ...this.snapshot.value, lifecycle, step: null, label: labels[lifecycle], next: null, elapsedMs: this.#elapsed, failure: null });
  }

  fail(error: BulkheadError): void {
    const { code, message, hint, details } = { details: null, ...error.toBody() };
    this.snapshot.set({
      ...this.snapshot.value, lifecycle: 'failed', label: errorCodes[code].message, next: null, elapsedMs: this.#elapsed,
      failure: { code, message, hint, details },
    });
  }

  get #elapsed(): number {
    return performance.now() - this.#startedAt;
  }
}
