import type { RunDetail, RunSummary } from '../../../electron/contract/index.ts';
import { wait } from './fake-part.ts';
import { provisionSteps, removalSteps, type FakeStep } from './fake-steps.ts';

type Subject = Pick<RunSummary, 'clusterId' | 'hostId' | 'nodeId'>;
type StepState = RunSummary['steps'][number]['state'];

/** A run as the control room records it, which can be carried out in front of one's eyes. */
export class FakeRun {
  detail: RunDetail;
  readonly #source: readonly FakeStep[];
  readonly #onChange: (run: FakeRun) => void;
  #cancelled = false;

  constructor(kind: RunSummary['kind'], subject: Subject, startedAt: number, onChange: (run: FakeRun) => void) {
    this.#source = kind === 'provision' ? provisionSteps : removalSteps;
    this.#onChange = onChange;
    this.detail = {
      runId: crypto.randomUUID(), kind, ...subject, state: 'running', startedAt, endedAt: null, failure: null, changed: 0, commands: [],
      steps: this.#source.map(({ step, title }) => ({ step, title, state: 'waiting', touched: false, durationMs: null })),
    };
  }

  /** A file on its way, while the run stands there. */
  sending(sentBytes: number): this {
    this.detail = { ...this.detail, upload: { file: 'node', sentBytes, totalBytes: 40_180_000, bytesPerSecond: 11_300_000 } };
    return this;
  }

  get summary(): RunSummary {
    const { commands: _, ...summary } = this.detail;
    return summary;
  }

  #set(step: string, state: StepState, more: { touched?: boolean; durationMs?: number } = {}): void {
    const steps = this.detail.steps.map((each) => (each.step === step ? { ...each, state, ...more } : each));
    this.detail = { ...this.detail, steps, changed: steps.filter((each) => each.state === 'done' || each.state === 'undone').length };
  }

  /** Everything before `until` is done; that one is under way or has failed. */
  upTo(until: string, state: RunSummary['state'], failure: RunSummary['failure'] = null, unchanged = false): this {
    const index = until === 'end' ? this.#source.length : this.#source.findIndex(({ step }) => step === until);
    for (const { step, ms, commands } of this.#source.slice(0, index)) {
      const looks = step === 'preflight' || step === 'database' || step === 'first-admin' || step === 'prove';
      this.#set(step, looks || unchanged ? 'unchanged' : 'done', { touched: !looks && !unchanged, durationMs: unchanged ? 21 : ms });
      this.detail = { ...this.detail, commands: [...this.detail.commands, ...(unchanged ? commands.filter(({ phase }) => phase === 'probe').map((each) => ({ ...each, exitCode: 0 })) : commands)] };
    }
    const worked = this.detail.steps.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
    const at = this.#source[index];
    if (at !== undefined) {
      this.#set(at.step, state === 'failed' ? 'failed' : 'applying', { touched: true, ...(state === 'failed' ? { durationMs: at.ms } : {}) });
      this.detail = { ...this.detail, commands: [...this.detail.commands, ...at.commands.slice(0, 2).map((each, number) => (number === 1 && state !== 'failed' ? { ...each, durationMs: null, exitCode: null, lastLines: null } : each))] };
    }
    const over = state === 'running' || state === 'interrupted' || state === 'rolling-back' ? null : this.detail.startedAt + worked + 640;
    this.detail = { ...this.detail, state, failure, endedAt: over };
    return this;
  }

  withCommands(commands: RunDetail['commands']): this {
    this.detail = { ...this.detail, commands: [...this.detail.commands, ...commands] };
    return this;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  get #isCancelled(): boolean {
    return this.#cancelled;
  }

  #end(state: RunSummary['state']): void {
    this.detail = { ...this.detail, state, endedAt: Date.now() };
    this.#onChange(this);
  }

  async forward(): Promise<RunSummary> {
    this.#cancelled = false;
    this.detail = { ...this.detail, state: 'running', failure: null, endedAt: null };
    for (const { step, ms, commands } of this.#source) {
      if (this.detail.steps.find((each) => each.step === step)?.state === 'done') continue;
      if (this.#isCancelled) break;
      const looks = ['preflight', 'database', 'first-admin', 'prove'].includes(step);
      this.#set(step, looks ? 'probing' : 'applying', { touched: !looks });
      for (const command of commands) {
        this.detail = { ...this.detail, commands: [...this.detail.commands, { ...command, durationMs: null, exitCode: null, lastLines: null }] };
        this.#onChange(this);
        await wait((ms / commands.length) * (0.7 + Math.random() * 0.6));
        this.detail = { ...this.detail, commands: [...this.detail.commands.slice(0, -1), command] };
      }
      this.#set(step, looks ? 'unchanged' : 'done', { durationMs: ms });
      this.#onChange(this);
    }
    this.#end(this.#isCancelled ? 'cancelled' : 'done');
    return this.summary;
  }

  async back(): Promise<RunSummary> {
    this.detail = { ...this.detail, state: 'rolling-back', failure: null, endedAt: null };
    for (const { step } of this.detail.steps.filter(({ touched }) => touched).toReversed()) {
      this.#set(step, 'undoing');
      this.detail = { ...this.detail, commands: [...this.detail.commands, { step, phase: 'undo', command: `undo ${step}`, exitCode: 0, durationMs: 40, lastLines: '' }] };
      this.#onChange(this);
      await wait(400);
      this.#set(step, 'undone', { durationMs: 400 });
    }
    this.#end('rolled-back');
    return this.summary;
  }
}
