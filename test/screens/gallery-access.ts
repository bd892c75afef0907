import type { Page } from 'playwright-core';
import type { GalleryScreen } from './gallery-screens.ts';

/** Who may what, and why. */
export const accessScreens: readonly GalleryScreen[] = [
  { name: 'access-users', scenario: 'lan-empty', path: '/access' },
  { name: 'access-own-account', scenario: 'lan-empty', path: '/access', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'admin', exact: true }).click();
    await page.getByText('it has to stay an enabled administrator').waitFor();
  } },
  { name: 'access-users-odd', scenario: 'lan-odd', path: '/access', steps: async (page: Page): Promise<void> => {
    await page.getByText('administrator by the group').waitFor();
  } },
  { name: 'access-groups-odd', scenario: 'lan-odd', path: '/access/groups' },
  { name: 'access-groups', scenario: 'lan-empty', path: '/access/groups' },
  { name: 'access-permissions', scenario: 'lan-empty', path: '/access/permissions' },
  { name: 'access-tokens', scenario: 'lan-empty', path: '/access/tokens', steps: async (page: Page): Promise<void> => {
    await page.getByLabel('For', { exact: true }).selectOption('ci-platform');
    await page.getByLabel('What it is for').fill('GitLab runner 4');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByTestId('token').waitFor();
  } },
  { name: 'access-audit', scenario: 'lan-empty', path: '/access/audit', steps: async (page: Page): Promise<void> => {
    await page.getByRole('listbox', { name: /^Audit log/ }).getByRole('option', { name: /CHECKSUM_MISMATCH/ }).first().click();
    await page.getByTestId('audit-entry').waitFor();
  } },
  { name: 'access-audit-none', scenario: 'lan-empty', path: '/access/audit', steps: async (page: Page): Promise<void> => {
    await page.getByLabel('Time').selectOption('between');
    await page.getByLabel('Until').fill('2020-01-01T00:00');
    await page.getByText('Nothing fits these filters').waitFor();
  } },
  { name: 'access-why', scenario: 'lan-empty', path: '/access/why', steps: async (page: Page): Promise<void> => {
    await page.getByLabel('User').selectOption('j.okafor');
    await page.getByLabel('Action').selectOption('delete');
    await page.getByLabel('Repository').selectOption('maven-releases');
    await page.getByTestId('why').waitFor();
  } },
  { name: 'access-permission', scenario: 'lan-empty', path: '/access/permissions', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'ci-deploy' }).click();
    await page.getByTestId('permission').getByRole('checkbox', { name: 'ci: Deploy' }).waitFor();
  } },
];
