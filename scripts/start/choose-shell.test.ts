import { expect, it } from 'vitest';
import { obstacleToDesktop, type Situation } from './choose-shell.ts';

const desk: Situation = { platform: 'linux', environment: { DISPLAY: ':0' }, userId: 1000, restrictedNamespaces: false };

it.each<[string, Partial<Situation>, RegExp | null]>([
  ['a desk with X', {}, null],
  ['a desk with Wayland', { environment: { WAYLAND_DISPLAY: 'wayland-0' } }, null],
  ['a server', { environment: {} }, /no display/],
  ['a display set to nothing', { environment: { DISPLAY: '' } }, /no display/],
  ['root', { userId: 0 }, /root.*sandbox.*normal user/],
  ['an Ubuntu that restricts namespaces', { restrictedNamespaces: true }, /sysctl/],
  ['macOS', { platform: 'darwin', environment: {} }, null],
  ['Windows', { platform: 'win32', environment: {}, userId: undefined }, null],
])('on %s', (_name, difference, expected) => {
  const obstacle = obstacleToDesktop({ ...desk, ...difference });
  if (expected === null) expect(obstacle).toBeNull();
  else expect(obstacle).toMatch(expected);
});
