import type { Payload } from './payload.ts';
import type { CommandResult, RemoteCommand } from './remote-command.ts';

/** What applying a step does, one after the other. */
export type Action =
  | { readonly kind: 'command'; readonly command: RemoteCommand }
  | { readonly kind: 'upload'; readonly payload: Payload; readonly to: string };

/** What a check of the control room works with: the host and nothing else. */
export interface StepContext {
  readonly signal: AbortSignal;
  /** Runs a command and records it; resolves whatever its exit code is. */
  readonly run: (command: RemoteCommand) => Promise<CommandResult>;
  /** The same for a command whose answer cannot be had again: it goes on to its end when the run is cancelled. */
  readonly runToEnd: (command: RemoteCommand) => Promise<CommandResult>;
  /** Tells something for the record. */
  readonly note: (line: string) => void;
}

/**
 * One checked action. What it does is data, so that it can be shown before it happens; only what has to decide
 * (preflight, the first administrator, the proof) is code.
 */
export interface Step {
  readonly id: string;
  readonly title: string;
  /** all succeed: it is already so, and nothing is applied; none: it is always applied */
  readonly probe: readonly RemoteCommand[];
  readonly apply: readonly Action[];
  /** each has to succeed after it was applied */
  readonly verify: readonly RemoteCommand[];
  /** takes back what was applied, also half of it; running it twice does no harm */
  readonly undo: readonly RemoteCommand[];
  /** applied although the probe says it is so, when one of these steps has changed something in this run */
  readonly after?: readonly string[];
  /** gives back what the step has taken: a script does it at its end, however it ends */
  readonly release?: RemoteCommand;
  /** its undo is part of every rollback, whether it changed something or not */
  readonly undoAlways?: boolean;
  /** code instead of `apply`: it changes nothing that had to be undone */
  readonly check?: (context: StepContext) => Promise<void>;
  /** what `check` would run, for the plan */
  readonly checkCommands?: readonly RemoteCommand[];
}

export function command(...commands: readonly RemoteCommand[]): readonly Action[] {
  return commands.map((each) => ({ kind: 'command', command: each }));
}
