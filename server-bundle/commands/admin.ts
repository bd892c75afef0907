import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { loadNodeConfig } from '../config/load.ts';
import { BulkheadError, isBulkheadError } from '../contract/index.ts';
import { createFirstAdmin, encodedPasswordOfAdmin, firstAdmin, resetFirstAdmin } from '../metadata/first-admin.ts';
import type { Database } from '../metadata/schema.ts';
import { encodePassword, generatePassword, verifyPassword } from '../security/password.ts';
import { withDatabase } from './database.ts';
import { say } from './output.ts';
import { prepareDatabase } from './prepare-database.ts';

/**
 * `bulkhead-node init-admin`. Creates schema and cluster too, when it is the first to come. With `fromStdin` whoever calls knows the password before
 * it is used: a call whose answer was lost can be made again.
 * @throws ADMIN_EXISTS, BODY_INVALID
 */
export function initAdminCommand(configFile: string, json: boolean, fromStdin: boolean): Promise<void> {
  return fromStdin ? createWithGiven(configFile, json) : setPassword(configFile, json, createFirstAdmin, 'It is shown this once.');
}

async function createWithGiven(configFile: string, json: boolean): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!/^[\x20-\x7e]{12,512}$/.test(password)) throw new BulkheadError('BODY_INVALID', 'A password is 12 to 512 printable ASCII characters in one line');
  await withDatabase(config, async (db) => {
    await prepareDatabase(db, config);
    try {
      await createFirstAdmin(db, await encodePassword(password));
    } catch (error) {
      if (!isBulkheadError(error, 'ADMIN_EXISTS') || !await verifyPassword(password, await encodedPasswordOfAdmin(db))) throw error;
    }
  });
  say(json, { user: firstAdmin }, `${firstAdmin} has this password.`);
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
