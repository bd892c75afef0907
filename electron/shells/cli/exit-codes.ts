import { errorCodes, type ErrorCode } from '../../contract/index.ts';

/** What a script can decide on; these numbers never change their meaning. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  refused: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `
Exit codes:
  0    done
  1    failed
  2    wrong usage
  3    not running, or not reachable
  4    refused in the present state; nothing was changed
  130  interrupted`;

/** Where the status of a code does not tell: for the others 409 is a refusal, and 503 says that nobody answers. */
const byErrorCode: Partial<Record<ErrorCode, ExitCode>> = {
  ARGUMENT_INVALID: exitCodes.usage,
  PARAMETER_INVALID: exitCodes.usage,
  CONFIG_INVALID: exitCodes.usage,
  DEMO_NOT_RUNNING: exitCodes.notRunning,
  DATABASE_POOLED: exitCodes.refused,
  NO_PRIVILEGE: exitCodes.refused,
  SUDO_PASSWORD_WRONG: exitCodes.refused,
  // what was under way may have happened
  OUTCOME_UNKNOWN: exitCodes.failed,
  SSH_CONNECTION_LOST: exitCodes.failed,
  UPGRADE_TAKEN_OVER: exitCodes.failed,
  CANCELLED: exitCodes.interrupted,
};
const byStatus: Readonly<Record<number, ExitCode | undefined>> = { 409: exitCodes.refused, 503: exitCodes.notRunning };

/** Exit code of an error code of the registry; codes of a newer control room count as failed. */
export function exitCodeOf(errorCode: string): ExitCode {
  const [known, registry]: [Record<string, ExitCode | undefined>, Record<string, { readonly status: number } | undefined>] = [byErrorCode, errorCodes];
  const status = registry[errorCode]?.status;
  return known[errorCode] ?? (status === undefined ? undefined : byStatus[status]) ?? exitCodes.failed;
}
