import type { Page } from 'playwright-core';
import type { GalleryScreen } from './gallery-screens.ts';

/** Keys and passwords of a cluster, in each of their situations. */
export const secretScreens: readonly GalleryScreen[] = [
  { name: 'secrets', scenario: 'lan', path: '/secrets' },
  { name: 'secrets-copy', scenario: 'lan', path: '/secrets', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Make a copy' }).click();
    await page.getByLabel('Passphrase', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Save the copy' }).click();
    await page.getByTestId('copy-key').getByText('It is not the same').waitFor();
  } },
  { name: 'secrets-sign-in', scenario: 'lan', path: '/secrets', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Sign in another way' }).click();
    await page.getByLabel('Private key').fill('~/.ssh/id_2027');
  } },
  { name: 'secrets-sign-in-results', scenario: 'lan', path: '/secrets', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Sign in another way' }).click();
    await page.getByLabel('Private key').fill('~/.ssh/id_2027');
    await page.getByRole('button', { name: /^Change \d/ }).click();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByTestId('sign-ins').scrollIntoViewIfNeeded();
  } },
  { name: 'secrets-under-way', scenario: 'lan', path: '/secrets', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Replace the database password' }).click();
    await page.getByTestId('confirm').getByRole('button', { name: 'Replace the database password' }).click();
    await page.getByTestId('secret-database-password').getByText('being replaced').waitFor();
  } },
  { name: 'secrets-question', scenario: 'lan-upgrade-elsewhere', path: '/secrets', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Replace the cluster key' }).click();
    await page.getByTestId('confirm').waitFor();
  } },
  { name: 'secrets-interrupted', scenario: 'lan-interrupted', path: '/secrets' },
  { name: 'secrets-unreachable', scenario: 'lan-trouble', path: '/secrets', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Replace the cluster key' }).click();
    await page.getByTestId('confirm').getByRole('button', { name: 'Replace the cluster key' }).click();
    await page.getByText('HOST_UNREACHABLE').waitFor();
  } },
  { name: 'secrets-demo', scenario: 'running', path: '/secrets' },
];
