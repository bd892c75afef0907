import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { loadNodeConfig } from '../config/load.ts';
import type { NodeConfig } from '../config/schema.ts';
import { asBulkheadError } from '../contract/index.ts';
import { ClusterKeys, DatabasePasswords, readKeys } from '../security/rotating-secrets.ts';
import type { RotatingCredentials } from '../http/routes/credentials.ts';
import { databasePasswords } from './database.ts';

/** Cluster keys and database passwords from the files that the configuration names. */
export async function readCredentials(config: NodeConfig): Promise<RotatingCredentials> {
  return {
    clusterKeys: new ClusterKeys(readKeys(await readFile(config.cluster.keyFile, 'utf8'))),
    databasePasswords: new DatabasePasswords(await databasePasswords(config)),
  };
}

/**
 * Reads both files again at each SIGHUP, so that keys and passwords change without a restart: new links and new connections use what
 * is there then, open ones stay. Files that are refused change nothing. Returns what ends that.
 *
 * @param changed told when they have been taken over
 */
export function reloadOnHangup(configFile: string, { clusterKeys, databasePasswords: passwords }: RotatingCredentials, log: Logger, changed: () => void): () => void {
  const reload = async (): Promise<void> => {
    // the configuration's own checks, so that half a file is never taken
    const config = await loadNodeConfig(configFile);
    const next = await readCredentials(config);
    clusterKeys.replace(next.clusterKeys.accepted);
    passwords.replace(await databasePasswords(config));
    changed();
    log.info({ keys: clusterKeys.ids(), passwords: passwords.count }, 'credentials read again');
  };
  const onHangup = (): void => {
    reload().catch((error: unknown) => {
      const { code, message, details } = asBulkheadError(error);
      log.error({ code, details }, `credentials stay as they were: ${message}`);
    });
  };
  process.on('SIGHUP', onHangup);
  return () => process.off('SIGHUP', onHangup);
}
