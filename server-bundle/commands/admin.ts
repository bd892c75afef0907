import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { loadNodeConfig } from '../config/load.ts';
import { createFirstAdmin, firstAdmin, resetFirstAdmin } from '../metadata/first-admin.ts';
import type { Database } from '../metadata/schema.ts';
import { encodePassword, generatePassword } from '../security/password.ts';
import { withDatabase } from './database.ts';
import { say } from './output.ts';
import { prepareDatabase } from './prepare-database.ts';

/** `bulkhead-node init-admin`. Creates schema and cluster too, when it is the first to come. */
export function initAdminCommand(configFile: string, json: boolean): Promise<void> {
  return setPassword(configFile, json, createFirstAdmin, 'It is shown this once.');
}

/** `bulkhead-node reset-admin`: whoever owns the host and its configuration may. */
export function resetAdminCommand(configFile: string, json: boolean): Promise<void> {
  return setPassword(configFile, json, resetFirstAdmin, 'The former password is not valid any more.');
}

async function setPassword(
  configFile: string, json: boolean, store: (db: Kysely<Database>, encoded: string) => Promise<boolean>, remark: string,
): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const password = generatePassword();
  await withDatabase(config, async (db) => {
    await prepareDatabase(db, config);
    const mayBeCached = await store(db, await encodePassword(password));
    if (mayBeCached) await delay(config.timing.coherenceWindowMs + config.timing.heartbeatMs);
  });
  say(json, { user: firstAdmin, password }, `The password of ${firstAdmin} is ${password}\n${remark}`);
}
