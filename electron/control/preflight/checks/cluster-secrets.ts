import { failed, passed, whenPlanned, type Check } from '../check.ts';

/**
 * Prints how many lines each file has, where it is there, and the SHA-256 of the key in use: a long random text. That of a password could be guessed
 * from. A file that was written by hand may end without a line break.
 */
const look = `
cd /etc/bulkhead 2> /dev/null || exit 0
[ ! -r cluster.key ] || { echo "key $(grep -c . cluster.key) $(printf %s "$(head -n 1 cluster.key)" | sha256sum)"; }
[ ! -r database.password ] || { echo "password $(grep -c . database.password)"; }
`;

/** Every node has the secrets that this one is to get: no other desktop has replaced one, or is half through with it. The password is tried by signing in. */
export const clusterSecrets: Check = {
  id: 'cluster-secrets',
  category: 'service',
  applicable: whenPlanned,
  async check({ probe, others, clusterKeyDigest }) {
    const own = await clusterKeyDigest();
    const nodes = others.filter(({ role }) => role === 'node');
    const asked = [{ name: 'this host', isHere: true, probe }, ...nodes.map((node) => ({ name: node.name, isHere: false, probe: node.probe }))];
    const found = (await Promise.all(asked.map(async ({ name, isHere, probe: ask }) => {
      const lines = (await ask('sh', '-c', look)).stdout.trim().split('\n').map((line) => line.split(/\s+/));
      return lines.flatMap(([what = '', count, digest]) => {
        const title = what === 'key' ? 'cluster key' : 'database password';
        if (Number(count) > 1) return [`The ${title} is half replaced on ${name}`];
        // a host that has another one alone has missed something, and is put right by the run
        return what === 'key' && own !== null && digest !== own && !isHere ? [`${name} has another cluster key than this app`] : [];
      });
    }))).flat();
    if (found.length === 0) return passed('The nodes have the secrets that this app knows');
    return failed(found.join('; '),
      'Finish replacing it where that was begun: bulkhead cluster rotate.', 'Another desktop has replaced it: adopt the cluster again from one of its hosts (bulkhead cluster adopt).');
  },
};
