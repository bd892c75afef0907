/** What is given to a command on its standard input. Secrets travel this way and no other. */
export interface CommandInput {
  readonly text: string;
  /** what a plan, a script or a record shows in its place, for example "<the cluster key>"; null when the text itself may be shown */
  readonly placeholder: string | null;
}

/** One command on a host, as data: built here, run elsewhere, asserted in tests, shown in plans. It holds no secret but in `input`. */
export interface RemoteCommand {
  readonly argv: readonly string[];
  /** root: through sudo when the login user is another */
  readonly as: 'root' | 'login';
  readonly input?: CommandInput;
  /** milliseconds; two minutes when left out */
  readonly timeoutMs?: number;
  /** once it has begun it goes on to its end when the run is cancelled: half of it, or an answer that nobody waits for, would leave something behind */
  readonly runsToEnd?: boolean;
  /** its output holds a secret: it is handed on and never recorded */
  readonly secretOutput?: boolean;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function asRoot(...argv: readonly string[]): RemoteCommand {
  return { argv, as: 'root' };
}

/** A POSIX script with its values as arguments ($1, $2 …), so that none of them is ever parsed as shell. */
export function script(text: string, ...values: readonly string[]): readonly string[] {
  return ['sh', '-c', text, 'sh', ...values];
}

/** The command as a line of shell. */
export function shellLine({ argv, as }: RemoteCommand): string {
  return [...(as === 'root' ? ['sudo'] : []), ...argv.map(quoted)].join(' ');
}

/** The word as the shell reads it again. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
