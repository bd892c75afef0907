import { always, failed, passed, type Check } from '../check.ts';

const needed = ['sh', 'gzip', 'sha256sum', 'cmp', 'stat', 'useradd', 'userdel', 'setpriv', 'find', 'findmnt', 'getent', 'ss', 'journalctl'] as const;

export const tools: Check = {
  id: 'tools',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const { stdout } = await probe('sh', '-c', 'for tool; do command -v "$tool" > /dev/null || echo "$tool"; done', 'sh', ...needed);
    const missing = stdout.split('\n').filter((line) => line !== '');
    if (missing.length === 0) return passed('All needed programs are there');
    return failed(`Missing: ${missing.join(', ')}`, 'Debian, Ubuntu: apt-get install gzip coreutils diffutils passwd util-linux findutils iproute2', 'RHEL: dnf install gzip coreutils diffutils shadow-utils util-linux findutils iproute');
  },
};
