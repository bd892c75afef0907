import { expect, it } from 'vitest';
import { appCommands } from '../../electron/contract/index.ts';
import { screens } from './screens.ts';

it("the desktop's menu goes to every screen, in the order of the navigation", () => {
  const menu = appCommands.filter(({ group }) => group === 'go').map(({ id, title, shortcut }) => ({ id, title, shortcut }));
  expect(menu).toEqual(screens.map(({ name, title, shortcut }) => ({ id: `go.${name}`, title, shortcut })));
});
