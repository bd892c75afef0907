import type { RunUpload } from '../../contract/index.ts';
import {
  beatRunRow, beginRunStepRow, endRunCommandRow, endRunRow, endRunStepRow, insertRunCommandRow, listRunStepRows,
  type RunState, type RunStepState, type State,
} from '../state/index.ts';

/** Lines that are kept of what a command printed. */
const keptLines = 20;
const keptCharacters = 4000;

export type Phase = 'probe' | 'apply' | 'verify' | 'undo' | 'lock' | 'unlock';

/** What one attempt at a run writes down, before and after each thing it does, so that nothing is unknown after a crash. */
export class RunRecord {
  readonly runId: string;
  readonly #state: State;
  readonly #redact: (text: string) => string;
  readonly #onChange: () => void;
  readonly #onUpload: (upload: RunUpload | null) => void;

  constructor(state: State, runId: string, redact: (text: string) => string, onChange: () => void, onUpload: (upload: RunUpload | null) => void = () => undefined) {
    this.#state = state;
    this.runId = runId;
    this.#redact = redact;
    this.#onChange = onChange;
    this.#onUpload = onUpload;
  }

  /** Steps that may have changed something on the host, in this attempt or an earlier one. */
  touched(): ReadonlySet<string> {
    return new Set(listRunStepRows(this.#state, this.runId).filter((row) => row.touched === 1).map((row) => row.step));
  }

  beat(): void {
    beatRunRow(this.#state, this.runId, Date.now());
  }

  begin(step: string, state: RunStepState): void {
    beginRunStepRow(this.#state, this.runId, step, state, Date.now());
    this.#onChange();
  }

  end(step: string, state: RunStepState): void {
    endRunStepRow(this.#state, this.runId, step, state, Date.now());
    this.#onChange();
  }

  finish(state: RunState, failure: object | null): void {
    endRunRow(this.#state, this.runId, state, failure === null ? null : this.#redact(JSON.stringify(failure)), Date.now());
    this.#onChange();
  }

  /** How far a file is on its way; null when it has ended. Written down nowhere: after a crash the host knows better. */
  upload(upload: RunUpload | null): void {
    this.#onUpload(upload);
    this.#onChange();
  }

  /** Returns the function that completes the entry. */
  command(step: string, phase: Phase, line: string): (exitCode: number | null, output: string) => void {
    const startedAt = Date.now();
    const id = insertRunCommandRow(this.#state, this.runId, { step, phase, command: this.#redact(line), startedAt });
    this.#onChange();
    return (exitCode, output) => {
      endRunCommandRow(this.#state, id, { exitCode, durationMs: Date.now() - startedAt, lastLines: lastLines(this.#redact(output)) });
      this.#onChange();
    };
  }
}

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-keptLines).join('\n').slice(-keptCharacters);
}
