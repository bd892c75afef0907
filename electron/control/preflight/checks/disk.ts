import { always, failed, passed, type Check } from '../check.ts';

/** Where what is installed goes, and where a node keeps its logs and the runs their records. */
const places = [
  // two releases, unpacked, and the file that is being uploaded
  { folder: '/opt/bulkhead', neededMiB: 400 },
  { folder: '/var/lib/bulkhead', neededMiB: 50 },
] as const;
/** Of each folder, or of the nearest one above it that exists: device, size, used, free (KiB), share, mount point. */
const script = 'for d; do while [ ! -d "$d" ]; do d=${d%/*}; d=${d:-/}; done; df -Pk "$d" | tail -n 1; done';

export const disk: Check = {
  id: 'disk',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('sh', '-c', script, 'sh', ...places.map(({ folder }) => folder));
    const lines = stdout.trim().split('\n');
    const free: string[] = [];
    for (const [index, { folder, neededMiB }] of places.entries()) {
      const fields = lines[index]?.trim().split(/\s+/) ?? [];
      const freeMiB = Math.floor(Number(fields[3]) / 1024);
      if (Number.isNaN(freeMiB)) return failed('The free space could not be read', 'Run "df /opt /var" on the host.');
      if (freeMiB < neededMiB) return failed(`${freeMiB} MiB free on ${fields[5] ?? folder}; ${neededMiB} MiB are needed for ${folder}`, `Free some space, or mount a volume at ${folder}.`);
      free.push(`${freeMiB} MiB free for ${folder}`);
    }
    return passed(free.join(', '));
  },
};
