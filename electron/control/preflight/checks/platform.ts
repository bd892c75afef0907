import { always, failed, passed, type Check } from '../check.ts';

/** The runtime that is shipped is for Linux on this CPU. */
export const platform: Check = {
  id: 'platform',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('uname', '-s', '-m');
    const found = stdout.trim();
    if (found === 'Linux x86_64') return passed(found);
    return failed(`${found || 'unknown'}: the runtime is for Linux on x86_64`, 'Use a host with an x86_64 CPU.');
  },
};
