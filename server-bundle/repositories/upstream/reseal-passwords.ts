import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Session } from '../../cluster/ports.ts';
import { repositoriesSealedOtherwise } from '../../metadata/repositories.ts';
import { keyId, type ClusterKeys } from '../../security/rotating-secrets.ts';
import { resealPassword } from '../administration.ts';
import { withPasswordResealed } from '../remote-settings.ts';
import { withFormat } from '../repository.ts';

/** How often the master looks. A replaced cluster key is taken away only when nothing is sealed with it any more. */
const lookMs = 2000;

/** After a change of the cluster key, while the former one still counts on every node: seals the passwords of remote repositories anew. For the runtime's `onMaster`. */
export function resealUpstreamPasswords(clusterKeys: Pick<ClusterKeys, 'accepted' | 'current'>, log: Logger): (session: Session, signal: AbortSignal) => void {
  return (session, signal) => {
    const stopped = AbortSignal.any([signal, session.signal]);
    const look = async (): Promise<void> => {
      for (const stored of await repositoriesSealedOtherwise(session.db, keyId(clusterKeys.current))) {
        // one whose key is gone stays as it is: somebody has to set it anew
        if (withPasswordResealed(withFormat(stored), clusterKeys) === undefined) continue;
        if (await resealPassword({ session, clusterKeys }, stored)) log.info({ repository: stored.key }, 'the password of a remote repository was sealed with the present cluster key');
      }
    };
    void (async () => {
      while (!stopped.aborted) {
        await look().catch((error: unknown) => { log.debug({ err: error }, 'the look for sealed passwords failed'); });
        await pause(lookMs, undefined, { signal: stopped }).catch(() => undefined);
      }
    })();
  };
}
