import { text } from 'node:stream/consumers';
import { request } from 'undici';
import { loadNodeConfig } from '../config/load.ts';
import { BulkheadError, credentialsInUse } from '../contract/index.ts';
import { readCredentials } from './credentials.ts';
import { say } from './output.ts';

/**
 * `bulkhead-node check-credentials`: which cluster keys and how many database passwords the running node of this configuration holds,
 * and whether they are those of its files. Reads "user:password" on stdin, so that it is in no argument list.
 * @throws NOT_SERVING (it does not run), NOT_SUPPORTED (a version that cannot tell), CREDENTIALS_INVALID
 */
export async function checkCredentialsCommand(configFile: string, json: boolean): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const { node } = config;
  const authorization = `Basic ${Buffer.from((await text(process.stdin)).trim()).toString('base64')}`;
  const url = `${node.url.replace(/\/$/, '')}/artifactory/api/v1/cluster/credentials`;
  const answer = await request(url, { headers: { authorization }, headersTimeout: 10_000, bodyTimeout: 10_000 })
    .catch((cause: unknown) => { throw new BulkheadError('NOT_SERVING', `The node does not answer: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, { cause }); });
  const body = await answer.body.text();
  if (answer.statusCode === 401) throw new BulkheadError('CREDENTIALS_INVALID');
  if (answer.statusCode === 404) throw new BulkheadError('NOT_SUPPORTED', 'The node that runs cannot take new credentials without a restart', { hint: 'Upgrade it first.' });
  if (answer.statusCode !== 200) throw new BulkheadError('NOT_SERVING', `The node answered with status ${String(answer.statusCode)}`);
  const found = credentialsInUse.parse(JSON.parse(body));
  const files = await readCredentials(config);
  const asInFiles = found.passwords === files.databasePasswords.count && found.keys.join() === files.clusterKeys.ids().join();
  say(json, { ...found, asInFiles }, `${found.nodeId}: cluster keys ${found.keys.join(', ')}; ${String(found.passwords)} database passwords; ${asInFiles ? 'as in its files' : 'its files say something else'}`);
}
