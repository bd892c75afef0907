import type { Logger } from 'pino';

/**
 * An error that nobody caught is a defect: the state it left is unknown, so the process ends, and its supervisor starts a new
 * one. The cluster is built to bear that.
 */
export function endOnDefect(log: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'a defect ends this process');
    process.exit(1);
  });
}
