import type { Page } from 'playwright-core';
import type { GalleryScreen } from './gallery-screens.ts';

async function signInOtherwise(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Change the sign-in' }).click();
  await page.getByLabel('Key file').check();
  await page.getByLabel('Private key').fill('~/.ssh/id_2027');
  await page.getByRole('button', { name: 'Try and keep' }).click();
}

/** What hosts refuse, ask and make of what they are told: the states of their dialogs that nobody wants to see. */
export const hostScreens: readonly GalleryScreen[] = [
  { name: 'host-refused', scenario: 'lan', path: '/hosts/host-balance-1', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Test the login' }).click();
    await page.getByTestId('host-test').getByText('AUTH_FAILED').waitFor();
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText(/passed, today/).waitFor();
  } },
  { name: 'host-sign-in-refused', scenario: 'lan', path: '/hosts/host-art-3', steps: async (page: Page): Promise<void> => {
    await signInOtherwise(page);
    await page.getByText('The old sign-in stays').waitFor();
  } },
  { name: 'host-key-certificate', scenario: 'lan', path: '/hosts/host-lab-1', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Compare its key' }).click();
    await page.getByText('names a certificate authority').waitFor();
  } },
  { name: 'host-add-refused', scenario: 'lan', path: '/hosts', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Add host' }).click();
    await page.getByLabel('Paste user@host:port').fill('ops@art-9.lan');
    await page.getByLabel('Password', { exact: true }).first().check();
    await page.getByLabel('Password', { exact: true }).last().fill('not the password');
    await page.getByRole('button', { name: 'Test first' }).click();
    await page.getByTestId('host-test').getByText('AUTH_FAILED').waitFor();
  } },
  { name: 'hosts-import-outcome', scenario: 'lan', path: '/hosts/import/ssh-config', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: /^Add \d/ }).click();
    await page.getByText('ARGUMENT_INVALID').waitFor();
  } },
];

/** A host that asks something in the middle of a login: over everything else, until it is answered or given up. */
export const hostQuestionScreen: GalleryScreen = { name: 'host-question', scenario: 'lan-upgrade-failed', path: '/hosts', steps: async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Add host' }).click();
  await page.getByLabel('Paste user@host:port').fill('ops@gate-1.lan');
  await page.getByLabel('What the host asks').check();
  await page.getByRole('button', { name: 'Test first' }).click();
  await page.getByTestId('host-question').getByLabel('Verification code').click();
  await page.keyboard.type('123');
} };
