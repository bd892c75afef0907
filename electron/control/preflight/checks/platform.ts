import { always, failed, passed, type Check } from '../check.ts';

/** The runtimes that are shipped are for Linux on these CPUs. */
export const platform: Check = {
  id: 'platform',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('uname', '-s', '-m');
    const found = stdout.trim();
    if (found === 'Linux x86_64' || found === 'Linux aarch64') return passed(found);
    return failed(`${found || 'unknown'}: the runtimes are for Linux on x86_64 and aarch64`, 'Use a host with one of these CPUs.');
  },
};
