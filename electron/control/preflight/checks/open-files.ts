import { always, failed, passed, type Check } from '../check.ts';

/** What the unit asks for. */
const needed = 65_536;

export const openFiles: Check = {
  id: 'open-files',
  category: 'service',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('cat', '/proc/sys/fs/nr_open');
    const most = Number(stdout.trim());
    if (most >= needed) return passed(`A process may open ${most} files`);
    return failed(`A process may open ${most} files; ${needed} are needed`, `sysctl -w fs.nr_open=1048576`);
  },
};
