import { z } from 'zod';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { ReadKey, Session } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { forgetLoginFailures, lockUser as storeLock, noteLoginFailure, unlockUser as storeUnlock } from '../metadata/access/login-failures.ts';
import { committed } from '../metadata/committed.ts';
import { readSetting, writeSetting } from '../metadata/settings.ts';
import type { Account } from '../metadata/access/accounts.ts';

/** Key of the setting in the database. */
const loginLockSetting = 'loginLock';

/** When a user's password is not accepted any more for a while, whoever sends it and wherever from. Tokens go on working. */
export const loginLock = z.strictObject({
  /** failed logins without a good one in between; 0 switches the lock off */
  maxFailedLogins: z.number().int().min(0).max(1000).default(10),
  minutes: z.number().positive().max(7 * 24 * 60).default(15),
});
export type LoginLock = z.infer<typeof loginLock>;

export async function readLoginLock(read: ReadKey): Promise<LoginLock> {
  return loginLock.parse(await read(cacheKeys.setting(loginLockSetting), async (db) => await readSetting(db, loginLockSetting) ?? {}));
}

/** Holds on every node when it returns. */
export async function writeLoginLock(session: Session, by: string, lock: LoginLock): Promise<void> {
  await session.coherence.change({ keys: [cacheKeys.setting(loginLockSetting)] }, () => committed(session, async (trx) => {
    await writeSetting(trx, loginLockSetting, lock);
    const what = lock.maxFailedLogins === 0 ? 'off' : `to ${String(lock.maxFailedLogins)} failed logins, ${String(lock.minutes)} minutes`;
    await session.events.publish({ type: 'access.changed', message: `${by} set the lock-out of users ${what}`, detail: { ...lock, by } }, trx);
  }));
}

/** @throws USER_LOCKED with `details.until` */
export function requireUnlocked({ name, lockedUntil }: Account): void {
  if (lockedUntil === null || lockedUntil <= Date.now()) return;
  throw new BulkheadError('USER_LOCKED', `${name} is locked after failed logins`, { details: { until: new Date(lockedUntil).toISOString() } });
}

/** Counts a failed login of a user who exists, whichever node it was on; the last one that is tolerated locks the user on all of them before it is answered. */
export async function loginFailed(session: Session, user: string): Promise<void> {
  const { maxFailedLogins, minutes } = await readLoginLock(session.coherence.read);
  if (maxFailedLogins === 0) return;
  if (await noteLoginFailure(session.db, user) < maxFailedLogins) return;
  await session.coherence.change({ keys: [cacheKeys.user(user)] }, () => committed(session, async (trx) => {
    if (!await storeLock(trx, user, minutes)) return;
    await session.events.publish({ type: 'access.changed', message: `${user} is locked after ${String(maxFailedLogins)} failed logins`, detail: { user, minutes } }, trx);
  }));
}

/** A good login: what failed before does not count any more. */
export async function loginSucceeded(session: Session, user: string): Promise<void> {
  await forgetLoginFailures(session.db, user);
}

/** @throws USER_NOT_FOUND */
export async function unlockUser(session: Session, by: string, user: string): Promise<void> {
  await session.coherence.change({ keys: [cacheKeys.user(user)] }, () => committed(session, async (trx) => {
    if (!await storeUnlock(trx, user)) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${user}`);
    await session.events.publish({ type: 'access.changed', message: `${by} unlocked ${user}`, detail: { user, by } }, trx);
  }));
}
