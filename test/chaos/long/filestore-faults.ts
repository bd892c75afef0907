import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pause } from '../../harness/wait-for.ts';
import type { FaultKind } from './fault.ts';
import type { Room } from './room.ts';

const run = promisify(execFile);
const needsShare = (room: Room): string | null => (room.share === null ? 'needs root: the share is a filesystem of its own' : null);

/** Until it is told to end, or whoever started it has; never leaves the share frozen. */
const stutter = `thaw() { fsfreeze -u "$0"; }; trap 'thaw; exit' TERM; parent=$PPID
while kill -0 $parent; do fsfreeze -f "$0"; sleep 0.5; thaw; sleep 0.1; done`;

/** What strikes the filestore of all nodes. */
export const filestoreFaults: Readonly<Record<string, FaultKind>> = {
  'filestore-full': {
    what: 'no space on the share', lasts: [500, 4000], missing: needsShare, shared: 'filestore',
    async begin({ share }) {
      if (share === null) throw new Error('there is no share');
      const filler = join(share, 'filler');
      // to the last block, whoever else is writing: it ends because there is no space
      await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k', 'status=none']).catch(() => undefined);
      return () => rm(filler, { force: true });
    },
  },
  'filestore-read-only': {
    what: 'the share takes no writes', lasts: [500, 4000], missing: needsShare, shared: 'filestore',
    async begin({ share }) {
      if (share === null) throw new Error('there is no share');
      // files that are open for writing make it busy: again, until there are none for a moment
      for (let tries = 1; ; tries += 1) {
        const done = await run('mount', ['-o', 'remount,ro', share]).then(() => true, () => false);
        if (done || tries === 200) break;
        await pause(5);
      }
      return async () => { await run('mount', ['-o', 'remount,rw', share]); };
    },
  },
  'filestore-slow': {
    what: 'the share stands still for half a second, again and again', lasts: [1000, 5000], shared: 'filestore',
    missing: ({ freezable }) => (freezable ? null : 'needs root, and a share on a disk image'),
    begin({ share }) {
      if (share === null) throw new Error('there is no share');
      // a shell of its own thaws each time: whoever waits for the share cannot be killed before
      const pauses = spawn('sh', ['-c', stutter, share], { stdio: 'ignore' });
      return Promise.resolve(async () => {
        const ended = once(pauses, 'exit');
        pauses.kill('SIGTERM');
        await ended;
        await run('fsfreeze', ['-u', share]).catch(() => undefined);
      });
    },
  },
  'filestore-gone': {
    what: 'the share is not the cluster\'s: its marker is not there', lasts: [500, 4000], shared: 'filestore',
    async begin({ cluster }) {
      const [marker, away] = [join(cluster.filestore, 'cluster.json'), join(cluster.filestore, 'away')];
      await rename(marker, away);
      return () => rename(away, marker);
    },
  },
};
