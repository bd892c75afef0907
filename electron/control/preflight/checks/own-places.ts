import { always, failed, passed, type Check } from '../check.ts';
import { hiddenFolders, isIn } from '../hidden-folders.ts';

/** Where an install puts its folders and files; the last folder of each may be missing. */
const folders = ['/opt/bulkhead', '/etc/bulkhead', '/etc/systemd/system', '/var/lib/bulkhead'];
const files = ['/etc/bulkhead/node.yaml', '/etc/bulkhead/cluster.key', '/etc/bulkhead/database.password', '/etc/systemd/system/bulkhead-node.service', '/etc/systemd/journald@bulkhead.conf'];

/** Prints what stands in the way, a line each: what it is and its path; and where the first folder really is. */
const script = `
for d in ${folders.join(' ')}; do
  if [ ! -d "$d" ] && { [ -e "$d" ] || [ -L "$d" ]; }; then echo "no-folder $d"; continue; fi
  at=$d; while [ ! -e "$at" ]; do at=\${at%/*}; at=\${at:-/}; done
  [ -w "$at" ] || echo "read-only $at"
done
for f in ${files.join(' ')}; do [ ! -d "$f" ] || echo "no-file $f"; done
echo "real $(readlink -f /opt/bulkhead)"
`;

/** What is installed must find its places free and writable, before the first of them is touched. */
export const ownPlaces: Check = {
  id: 'own-places',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('sh', '-c', script);
    for (const [, what = '', path = ''] of stdout.matchAll(/^(\S+) (.*)$/gm)) {
      if (what === 'no-folder') return failed(`${path} is there and is no folder, or leads to none`, `mv ${path} ${path}.old`);
      if (what === 'no-file') return failed(`${path} is a folder; a file has to be there`, `mv ${path} ${path}.old`);
      if (what === 'read-only') return failed(`${path} cannot be written, not even by root`, `mount -o remount,rw "$(findmnt -no TARGET -T ${path})"`);
      if (what === 'real' && hiddenFolders.some(isIn(path))) return failed(`/opt/bulkhead leads to ${path}: the service is kept from there`, 'Let it be a folder, or lead elsewhere, below /srv or /data for example.');
    }
    return passed('All places of what is installed are free and can be written');
  },
};
