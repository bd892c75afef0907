import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { loadBalancerConfig, type BalancerConfig } from './config.ts';

/** How often the file is looked at: a look sees renames and shares, which notifications of the system may not. */
const lookMs = 250;

/**
 * Calls `apply` with each new valid content of the file until `signal` aborts. A content that is not valid is logged once, and what was valid stays in force.
 */
export async function followConfig(file: string, apply: (config: BalancerConfig) => void, log: Logger, signal: AbortSignal): Promise<void> {
  const ended = (): boolean => signal.aborted;
  let seen = await fingerprint(file);
  while (!ended()) {
    await delay(lookMs, undefined, { signal }).catch(() => undefined);
    const now = await fingerprint(file);
    if (ended() || now === seen || now === null) continue;
    seen = now;
    try {
      apply(await loadBalancerConfig(file));
      log.info({ file }, 'configuration read again');
    } catch (error) {
      log.error({ file, problem: error instanceof Error ? error.message : String(error) }, 'the changed configuration is not valid: the former one stays in force');
    }
  }
}

async function fingerprint(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${String(ino)}/${String(size)}/${String(mtimeNs)}`;
  } catch {
    return null;
  }
}
