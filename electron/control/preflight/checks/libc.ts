import { always, failed, passed, type Check } from '../check.ts';

/** What the shipped Node.js 24 is linked against. */
const minimum = [2, 28] as const;

export const libc: Check = {
  id: 'glibc',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('getconf', 'GNU_LIBC_VERSION');
    const version = /(\d+)\.(\d+)/.exec(stdout);
    if (version === null) return failed('The C library is not glibc', 'Use a distribution with glibc (Debian 10, Ubuntu 20.04, RHEL 9 or newer).');
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) return passed(`glibc ${version[0]}`);
    return failed(`glibc ${version[0]} is too old; ${minimum.join('.')} is needed`, 'Use Debian 10, Ubuntu 20.04, RHEL 9 or newer.');
  },
};
