import { failed, passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';

export const filestoreMount: Check = {
  id: 'filestore-mount',
  category: 'filestore',
  applicable: whenPlanned,
  async check(context) {
    const { filestore } = plannedOf(context);
    const { stdout } = await context.probe('sh', '-c', 'd="$1"; [ -d "$d" ] || d="$(dirname "$d")"; findmnt -no TARGET,FSTYPE,OPTIONS -T "$d"', 'sh', filestore);
    const [mount = '', type = '', options = ''] = stdout.trim().split(/\s+/);
    const flags = options.split(',');
    if (flags.includes('ro')) return failed(`${mount} is mounted read-only`, `mount -o remount,rw ${mount}`);
    if (type.startsWith('nfs') && flags.includes('soft')) return failed(`${mount} is a soft NFS mount: a slow server would lose acknowledged writes`, 'Mount it with hard.');
    if (flags.includes('async') && type.startsWith('nfs')) return warning(`${mount} is mounted async`, 'Mount it with sync on the server side (exports).');
    if (mount === '/') return warning(`${filestore} is on the root file system of this host: is the share mounted?`, 'Mount the share that all nodes use. A single node may use a local folder.');
    return passed(`${filestore} is on ${mount} (${type})`);
  },
};
