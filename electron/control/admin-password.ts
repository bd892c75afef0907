import { randomBytes } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../server-bundle/contract/index.ts';
import { askAnyNode, type ClusterAccess, type Credentials } from './node-api/index.ts';

/** Bytes that a generated password is made of. */
const passwordBytes = 18;

/**
 * Gives the administrator as whom the app signs in a new, generated password, and hands it to `keep` once the cluster has it. Without an answer
 * to the change, what the cluster lets in decides: the app must never be left with a password that is not valid any more.
 *
 * @throws CREDENTIALS_INVALID when the present password is not known here, and what the nodes refuse with
 */
export async function replaceAdminPassword(
  access: ClusterAccess, agent: Dispatcher, keep: (user: string, password: string) => Promise<void>, signal: AbortSignal,
): Promise<Credentials> {
  const present = await access.credentials();
  if (present === null) {
    throw new BulkheadError('CREDENTIALS_INVALID', 'The administrator’s password of this cluster is not known here', { hint: 'Store it with "bulkhead cluster password NAME", or adopt the cluster from one of its hosts.' });
  }
  const fresh: Credentials = { user: present.user, password: randomBytes(passwordBytes).toString('base64url') };
  try {
    await askAnyNode(access, agent, (node) => node.access.changeUser(fresh.user, { password: fresh.password }, signal));
  } catch (error) {
    if (!await letsIn(access, agent, fresh)) throw error;
  }
  await keep(fresh.user, fresh.password);
  return fresh;
}

async function letsIn(access: ClusterAccess, agent: Dispatcher, credentials: Credentials): Promise<boolean> {
  const asked: ClusterAccess = { ...access, nodes: () => access.nodes(), credentials: () => Promise.resolve(credentials) };
  return askAnyNode(asked, agent, (node) => node.access.users()).then(() => true, () => false);
}
