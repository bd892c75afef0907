import { always, failed, passed, warning, type Check } from '../check.ts';

const leastMiB = 384;
const comfortableMiB = 1024;

export const memory: Check = {
  id: 'memory',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('sh', '-c', 'grep -E "^(MemTotal|MemAvailable):" /proc/meminfo');
    const available = Math.floor(Number(/MemAvailable:\s+(\d+)/.exec(stdout)?.[1] ?? Number.NaN) / 1024);
    if (Number.isNaN(available)) return failed('The memory could not be read', 'Look at /proc/meminfo on the host.');
    if (available < leastMiB) {
      // what is available beside a node is not what it has to get by with
      if ((await probe('systemctl', 'is-active', '--quiet', 'bulkhead-node.service')).exitCode === 0) return warning(`${available} MiB available beside the node that runs here`, 'Give the host more memory.');
      return failed(`${available} MiB available; a node needs ${leastMiB} MiB`, 'Give the host more memory.');
    }
    if (available < comfortableMiB) return warning(`${available} MiB available; ${comfortableMiB} MiB are comfortable`, 'Give the host more memory.');
    return passed(`${available} MiB available`);
  },
};
