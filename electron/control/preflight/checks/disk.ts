import { always, failed, passed, type Check } from '../check.ts';

/** Two releases, unpacked, and the file that is being uploaded, MiB. */
const neededMiB = 400;

export const disk: Check = {
  id: 'disk',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('sh', '-c', 'd=/opt/bulkhead; [ -d "$d" ] || d=/opt; [ -d "$d" ] || d=/; df -Pk "$d" | tail -n 1');
    const fields = stdout.trim().split(/\s+/);
    const freeMiB = Math.floor(Number(fields[3]) / 1024);
    if (Number.isNaN(freeMiB)) return failed('The free space could not be read', 'Run "df /opt" on the host.');
    if (freeMiB >= neededMiB) return passed(`${freeMiB} MiB free for /opt/bulkhead`);
    return failed(`${freeMiB} MiB free on ${fields[5] ?? '/opt'}; ${neededMiB} MiB are needed`, 'Free some space, or mount a volume at /opt/bulkhead.');
  },
};
