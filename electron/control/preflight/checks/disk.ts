import { always, failed, passed, warning, type Check } from '../check.ts';

/** Where what is installed goes, and where a node keeps its logs and the runs their records. */
const places = [
  // two releases, unpacked, and the file that is being uploaded; where a node is there, its own release is
  { folder: '/opt/bulkhead', neededMiB: 400, leastMiB: 50 },
  { folder: '/var/lib/bulkhead', neededMiB: 50, leastMiB: 50 },
] as const;
/** Of each folder, or of the nearest one above it that exists: device, size, used, free (KiB), share, mount point. */
const script = 'for d; do while [ ! -d "$d" ]; do d=${d%/*}; d=${d:-/}; done; df -Pk "$d" | tail -n 1; done; [ ! -x /opt/bulkhead/current/node ] || echo installed';

export const disk: Check = {
  id: 'disk',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('sh', '-c', script, 'sh', ...places.map(({ folder }) => folder));
    const lines = stdout.trim().split('\n');
    const isThere = lines.at(-1) === 'installed';
    const free: string[] = [];
    const short: string[] = [];
    for (const [index, { folder, neededMiB, leastMiB }] of places.entries()) {
      const fields = lines[index]?.trim().split(/\s+/) ?? [];
      const freeMiB = Math.floor(Number(fields[3]) / 1024);
      if (Number.isNaN(freeMiB)) return failed('The free space could not be read', 'Run "df /opt /var" on the host.');
      const least = isThere ? leastMiB : neededMiB;
      if (freeMiB < least) return failed(`${freeMiB} MiB free on ${fields[5] ?? folder}; ${least} MiB are needed for ${folder}`, `Free some space, or mount a volume at ${folder}.`);
      free.push(`${freeMiB} MiB free for ${folder}`);
      if (freeMiB < neededMiB) short.push(folder);
    }
    if (short.length > 0) return warning(`${free.join(', ')}: enough for the node that is there, and not for another release of it`, `Free some space, or mount a volume at ${short[0] ?? ''}.`);
    return passed(free.join(', '));
  },
};
