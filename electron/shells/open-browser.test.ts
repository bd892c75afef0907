import { expect, it } from 'vitest';
import { browserCommand, type BrowserSituation } from './open-browser.ts';

const linux: BrowserSituation = { platform: 'linux', environment: { DISPLAY: ':0' }, userId: 1000 };
const address = 'http://127.0.0.1:1/open/x';

it.each<[string, BrowserSituation, string[]]>([
  ['Linux with a display', linux, ['xdg-open', address]],
  ['Wayland', { ...linux, environment: { WAYLAND_DISPLAY: 'wayland-0' } }, ['xdg-open', address]],
  ['WSL without a display', { ...linux, environment: { WSL_DISTRO_NAME: 'Debian' } }, ['wslview', address]],
  ['macOS', { ...linux, platform: 'darwin', environment: {} }, ['open', address]],
  ['Windows', { platform: 'win32', environment: {}, userId: undefined }, ['cmd.exe', '/d', '/c', 'start', '""', address]],
])('opens a browser on %s', (_name, situation, expected) => {
  const command = browserCommand(situation);
  expect(command.kind === 'open' && [command.program, ...command.args(address)]).toEqual(expected);
});

it('opens none without a display, and none as root', () => {
  expect(browserCommand({ ...linux, environment: {} })).toMatchObject({ kind: 'none', why: 'there is no display' });
  expect(browserCommand({ ...linux, userId: 0 }).kind).toBe('none');
});
