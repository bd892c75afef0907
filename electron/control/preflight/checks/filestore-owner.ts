import { failed, passed, plannedOf, whenPlanned, type Check } from '../check.ts';
import { untilEnd } from '../signal-trap.ts';

/** Prints the owner of a folder that root makes there and gives to the service user, and takes the folder away again. */
const give = `
d="$(mktemp -d "$1/.bulkhead-owner.XXXXXXXX")" || exit 11
${untilEnd}trap 'rmdir "$d"' EXIT
chown "$2" "$d" || exit 12
stat -c %u:%g "$d"
`;

/** Files on a share belong to numbers, and a server may turn one into another (root_squash, all_squash, idmapping). */
export const filestoreOwner: Check = {
  id: 'filestore-owner',
  category: 'filestore',
  applicable: whenPlanned,
  async check(context) {
    const { filestore, serviceUid, serviceGid } = plannedOf(context);
    const wanted = `${serviceUid}:${serviceGid}`;
    const here = await context.probe('stat', '-c', '%u:%g', filestore);
    if (here.exitCode !== 0) {
      const parent = filestore.replace(/\/[^/]+\/?$/, '') || '/';
      const given = await context.probe('sh', '-c', give, 'sh', parent, wanted);
      if (given.exitCode === 0 && given.stdout.trim() === wanted) return passed(`Root may make ${filestore} and give it to the service user`);
      return failed(`Root may not make a folder in ${parent} and give it away: the share turns root into somebody else (root_squash)`,
        `On the server of the share: mkdir ${filestore.split('/').at(-1) ?? ''} && chown ${wanted} ${filestore.split('/').at(-1) ?? ''}, then check again.`, 'Or export it with no_root_squash until the cluster is there.');
    }
    const seen = here.stdout.trim();
    for (const { name, role, probe } of context.others) {
      if (role === 'balancer') continue;
      const there = await probe('stat', '-c', '%u:%g', filestore);
      if (there.exitCode === 0 && there.stdout.trim() !== seen) {
        return failed(`${filestore} belongs to ${seen} here and to ${there.stdout.trim()} on ${name}: numbers of users are turned into others on the way`, 'NFSv4: set the same Domain in /etc/idmapd.conf on all hosts, or mount with sec=sys and numeric ids.');
      }
    }
    return passed(`${filestore} belongs to ${seen}${context.others.length > 0 ? ', on the other hosts as well' : ''}`);
  },
};
