import { text } from 'node:stream/consumers';
import { loadNodeConfig } from '../config/load.ts';
import { BulkheadError } from '../contract/index.ts';
import { setOwnPassword } from '../metadata/role-password.ts';
import { scramVerifier } from '../security/scram-verifier.ts';
import { withDatabase } from './database.ts';
import { say } from './output.ts';

/**
 * `bulkhead-node set-database-password`: gives the role of this configuration the password that stands on stdin. Nodes need both, one
 * a line, in their password files before this, and the new one alone afterwards.
 * @throws BODY_INVALID, DATABASE_UNAVAILABLE
 */
export async function setDatabasePasswordCommand(configFile: string, json: boolean): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!/^[\x20-\x7e]{12,512}$/.test(password)) throw new BulkheadError('BODY_INVALID', 'A password is 12 to 512 printable ASCII characters in one line');
  await withDatabase(config, (db) => setOwnPassword(db, scramVerifier(password)));
  say(json, { user: config.database.user }, `The role ${config.database.user} has its new password.`);
}
