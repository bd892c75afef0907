import type { MenuItemConstructorOptions } from 'electron';
import { expect, it } from 'vitest';
import { appCommands, type AppCommand } from '../../contract/index.ts';
import { menuTemplate } from './menu.ts';

function itemsOf(platform: NodeJS.Platform, run: (command: AppCommand) => void = () => undefined, isPackaged = true): MenuItemConstructorOptions[] {
  const template = menuTemplate(appCommands, { run, openWindow: () => undefined }, platform, isPackaged);
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? item.submenu : [])]);
}

it('has every command of the registry once, with its shortcut shown and not taken from the page', () => {
  const items = itemsOf('linux').filter((item) => appCommands.some(({ id }) => id === item.id));
  expect(items.map((item) => item.id).toSorted()).toEqual(appCommands.map(({ id }) => id).toSorted());
  for (const item of items) {
    expect(item.accelerator).toMatch(/^CommandOrControl\+/);
    expect(item.registerAccelerator).toBe(false);
  }
});

it('carries out the command that was chosen', () => {
  const ran: string[] = [];
  const item = itemsOf('linux', ({ id }) => ran.push(id)).find(({ id }) => id === 'go.failover');
  if (item?.click !== undefined) Reflect.apply(item.click, item, []);
  expect(ran).toEqual(['go.failover']);
});

it('shows developer tools in a checkout only, and a quit where the platform wants it', () => {
  expect(itemsOf('linux').some(({ role }) => role === 'toggleDevTools')).toBe(false);
  expect(itemsOf('linux', undefined, false).some(({ role }) => role === 'toggleDevTools')).toBe(true);
  expect(itemsOf('linux').some(({ role }) => role === 'quit')).toBe(true);
  expect(itemsOf('darwin').some(({ role }) => role === 'appMenu')).toBe(true);
});

it('gives every command a shortcut of its own', () => {
  expect(new Set(appCommands.map(({ shortcut }) => shortcut)).size).toBe(appCommands.length);
});
