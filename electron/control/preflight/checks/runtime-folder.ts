import { always, failed, passed, type Check } from '../check.ts';

/** Programs have to be allowed to run from where the runtime will lie. */
export const runtimeFolder: Check = {
  id: 'runtime-folder',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('sh', '-c', 'd=/opt/bulkhead; [ -d "$d" ] || d=/opt; [ -d "$d" ] || d=/; findmnt -no TARGET,OPTIONS -T "$d"');
    const [mount = '/', options = ''] = stdout.trim().split(/\s+/);
    const flags = options.split(',');
    if (flags.includes('noexec')) return failed(`${mount} is mounted noexec: the runtime could not be started`, `mount -o remount,exec ${mount}`, 'Mount a volume without noexec at /opt/bulkhead.');
    if (flags.includes('ro')) return failed(`${mount} is mounted read-only`, `mount -o remount,rw ${mount}`);
    return passed(`${mount} is writable and programs may run from it`);
  },
};
