import type { ErrorCode } from '../../contract/index.ts';

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

const byErrorCode: Partial<Record<ErrorCode, ExitCode>> = {
  ARGUMENT_INVALID: exitCodes.usage,
  PARAMETER_INVALID: exitCodes.usage,
  CONFIG_INVALID: exitCodes.usage,
  DEMO_NOT_RUNNING: exitCodes.notRunning,
  CLUSTER_UNREACHABLE: exitCodes.notRunning,
  CONTROL_ROOM_LOST: exitCodes.notRunning,
  NO_MASTER: exitCodes.notRunning,
  NOT_SERVING: exitCodes.notRunning,
  CONFIRMATION_NEEDED: exitCodes.refused,
  CONNECTION_BUDGET_EXHAUSTED: exitCodes.refused,
  DATA_IN_USE: exitCodes.refused,
  DEMO_NODE_STATE: exitCodes.refused,
  DEMO_RUNNING: exitCodes.refused,
  CLUSTER_EXISTS: exitCodes.refused,
  HANDOVER_FAILED: exitCodes.refused,
  HOST_EXISTS: exitCodes.refused,
  HOST_IN_USE: exitCodes.refused,
  HOST_KEY_CHANGED: exitCodes.refused,
  HOST_KEY_REVOKED: exitCodes.refused,
  HOST_KEY_UNKNOWN: exitCodes.refused,
  HOST_UNREACHABLE: exitCodes.notRunning,
  PORT_IN_USE: exitCodes.refused,
  RUN_STATE: exitCodes.refused,
  CAPACITY_TOO_SMALL: exitCodes.refused,
  NODE_SERVES: exitCodes.refused,
  RELEASE_NOT_THERE: exitCodes.refused,
  UPGRADE_REFUSED: exitCodes.refused,
  UPGRADE_RUNNING: exitCodes.refused,
  TASK_RUNNING: exitCodes.refused,
  CANCELLED: exitCodes.interrupted,
};

/** Exit code of an error code of the registry; codes of a newer control room count as failed. */
export function exitCodeOf(errorCode: string): ExitCode {
  const known: Record<string, ExitCode | undefined> = byErrorCode;
  return known[errorCode] ?? exitCodes.failed;
}
