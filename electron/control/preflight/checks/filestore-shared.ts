import { failed, passed, plannedOf, type Check, type CheckContext, type Finding } from '../check.ts';

/**
 * Leaves a marker where the filestore is or will be, and prints its path and what is in it. As the service user where it may write,
 * because the share may not let root in; the folder above it belongs to root.
 */
const leave = `
if [ -d "$1" ]; then at="$1"; as="setpriv --reuid $2 --regid $3 --clear-groups --"; else at="$(dirname "$1")"; as=; fi
marker="$($as mktemp "$at/.bulkhead-seen.XXXXXXXX")" || exit 11
$as chmod 644 "$marker" && $as sh -c 'mktemp -u XXXXXXXXXXXXXXXX > "$1" && sync "$1"' sh "$marker" || exit 12
echo "$marker"; cat "$marker"
`;

/** A file that one host writes is what the others read. A cluster that serves has left its own marker as well. */
export const filestoreShared: Check = {
  id: 'filestore-shared',
  category: 'filestore',
  applicable: ({ planned, others }) => planned !== null && (planned.peerUrl !== null || others.some(({ role }) => role !== 'balancer')),
  async check(context) {
    const { filestore, peerUrl } = plannedOf(context);
    if (peerUrl !== null && (await context.probe('test', '-e', `${filestore}/cluster.json`)).exitCode !== 0) {
      return failed(`The cluster serves already, but its marker is not in ${filestore} on this host: the filestore is not shared`,
        `Mount the share at the same path as on the other hosts, and look for ${filestore}/cluster.json.`);
    }
    return readByOthers(context);
  },
};

async function readByOthers(context: CheckContext): Promise<Finding> {
  const { filestore, serviceUid: uid, serviceGid: gid } = plannedOf(context);
  const nodes = context.others.filter(({ role }) => role !== 'balancer');
  if (nodes.length === 0) return passed('The marker of the cluster is on the share');
  const left = await context.probeToEnd('sh', '-c', leave, 'sh', filestore, String(uid), String(gid));
  const [marker = '', content = ''] = left.stdout.trim().split('\n');
  if (left.exitCode !== 0 || content === '') return failed(`Nothing can be written to ${filestore}`, `Let the user with the number ${uid} write there: chown ${uid}:${gid} ${filestore}`);
  try {
    const blind = await Promise.all(nodes.map(async ({ name, probe }) => {
      const seen = await probe('setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--', 'cat', marker);
      return seen.exitCode === 0 && seen.stdout.trim() === content ? [] : [name];
    }));
    const names = blind.flat();
    if (names.length === 0) return passed(`What this host writes is read by ${nodes.map(({ name }) => name).join(', ')}`);
    return failed(`What this host writes to ${filestore} is not there on ${names.join(', ')}: the filestore is not shared`, 'Mount the same share at this path on all hosts, then compare: findmnt -T on each.');
  } finally {
    await context.probeToEnd('rm', '-f', marker);
  }
}
