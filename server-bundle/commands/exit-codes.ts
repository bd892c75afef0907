import type { ErrorCode } from '../contract/index.ts';

/** Exit statuses of `bulkhead-node`, as `--help` lists them. A status never changes its meaning. */
export const exitCodes = {
  0: 'done',
  1: 'something unexpected went wrong',
  2: 'the command line is not valid',
  3: 'the configuration is not valid',
  4: 'the port is taken, or may not be used',
  5: 'the database or the filestore cannot be reached',
  6: 'refused: the message says why',
} as const;

export type ExitCode = keyof typeof exitCodes;

const byCode: Partial<Record<ErrorCode, ExitCode>> = {
  INTERNAL: 1, CONFIG_INVALID: 3, PORT_IN_USE: 4, DATABASE_UNAVAILABLE: 5, FILESTORE_UNAVAILABLE: 5,
};

export function exitCodeOf(code: ErrorCode): ExitCode {
  return byCode[code] ?? 6;
}

/** For `--help`. */
export function exitCodeHelp(): string {
  return ['Exit status:', ...Object.entries(exitCodes).map(([code, meaning]) => `  ${code}  ${meaning}`)].join('\n');
}
