import { failed, passed, plannedOf, type Check } from '../check.ts';

/** A cluster that serves has left its marker on the share. Where it is missing, something else lies at this path. */
export const filestoreShared: Check = {
  id: 'filestore-shared',
  category: 'filestore',
  applicable: ({ planned }) => planned !== null && planned.peerUrl !== null,
  async check(context) {
    const { filestore } = plannedOf(context);
    const { exitCode } = await context.probe('test', '-e', `${filestore}/cluster.json`);
    if (exitCode === 0) return passed('The marker of the cluster is on the share');
    return failed(`The cluster serves already, but its marker is not in ${filestore} on this host: the filestore is not shared`,
      `Mount the share at the same path as on the other hosts, and look for ${filestore}/cluster.json.`);
  },
};
