import { failed, passed, plannedOf, risk, warning, whenPlanned, type Check } from '../check.ts';

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
    if (type.startsWith('nfs') && flags.some((flag) => flag === 'soft' || flag === 'softerr')) return failed(`${mount} is a soft NFS mount: a slow server would lose acknowledged writes`, 'Mount it with hard.');
    if (flags.includes('async') && type.startsWith('nfs')) return risk(`${mount} is mounted async: the server may acknowledge what it has not written`, 'Take async out of /etc/fstab, and export it with sync.');
    if (mount === '/' && context.others.length === 0) return warning(`${filestore} is on the root file system of this host: is the share mounted?`, 'Mount the share that all nodes use. A single node may use a local folder.');
    if (mount === '/') return risk(`${filestore} is on the root file system of this host, and the cluster has other hosts: is the share mounted?`, 'Mount the share that all nodes use.');
    return passed(`${filestore} is on ${mount} (${type})`);
  },
};
