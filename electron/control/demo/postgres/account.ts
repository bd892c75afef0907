import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';

/** Whom the server runs as when this program is root: PostgreSQL refuses to. */
export interface DatabaseAccount {
  readonly uid: number;
  readonly gid: number;
  /** the account cannot enter all folders on the way, and gets the capability to */
  readonly needsSearchCapability: boolean;
}

/** A command line, and the ids to start it with. */
export interface AccountCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

const nobody = 65_534;
/** CAP_DAC_READ_SEARCH, capability 2 in capabilities(7): pass folders that are closed to the account. */
const searchCapabilityBit = 1n << 2n;

/**
 * Null when this program is not root: the server then runs as the user. Else the owner of `folder` if that is not root
 * (an earlier start chose it), "postgres" where there is one, or "nobody". No account is ever made.
 *
 * @param folder of the data
 * @param paths  what the account has to reach
 */
export async function chooseAccount(folder: string, paths: readonly string[]): Promise<DatabaseAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(folder).catch(() => null);
  const ids = owner !== null && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : await accountOfSystem();
  const reachable = await Promise.all(paths.map((path) => canReach(path, ids)));
  const closed = paths.find((_, index) => reachable[index] === false);
  if (closed !== undefined && !(await mayGrantSearch())) {
    throw new BulkheadError('PLATFORM_UNSUPPORTED', `PostgreSQL cannot run as root, and uid ${ids.uid} cannot enter ${closed}`, {
      details: { path: closed, uid: ids.uid },
      hint: 'Start as an ordinary user, or keep program and data in folders that every user may enter (chmod o+x).',
    });
  }
  return { ...ids, needsSearchCapability: closed !== undefined };
}

/** The command as the account runs it. util-linux's setpriv is needed only where the capability is. */
export function commandAs(account: DatabaseAccount | null, command: string, args: readonly string[]): AccountCommand {
  if (account === null) return { command, args };
  if (!account.needsSearchCapability) return { command, args, uid: account.uid, gid: account.gid };
  return {
    command: 'setpriv',
    args: [
      `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups',
      '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search', '--', command, ...args,
    ],
  };
}

async function accountOfSystem(): Promise<{ uid: number; gid: number }> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid = nobody, gid = nobody] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function canReach(path: string, ids: { uid: number; gid: number }): Promise<boolean> {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null);
    if (found !== null) {
      const bit = found.uid === ids.uid ? 0o100 : found.gid === ids.gid ? 0o010 : 0o001;
      if ((found.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

async function mayGrantSearch(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const [, bounding = '0'] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return (BigInt(`0x${bounding}`) & searchCapabilityBit) !== 0n;
}
