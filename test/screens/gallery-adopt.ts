import type { Page } from 'playwright-core';
import type { GalleryScreen } from './gallery-screens.ts';

async function look(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByTestId('found').waitFor();
}

/** A cluster of another desktop, from the first look to what is left to do. */
export const adoptScreens: readonly GalleryScreen[] = [
  { name: 'adopt-first', scenario: 'first-run', path: '/adopt' },
  { name: 'adopt-found', scenario: 'lan-empty', path: '/adopt/host-art-5', steps: look },
  { name: 'adopt-done', scenario: 'lan-empty', path: '/adopt/host-art-5', steps: async (page: Page): Promise<void> => {
    await look(page);
    await page.getByRole('radio', { name: 'Set a new one' }).check();
    await page.getByTestId('adopt').click();
    await page.getByTestId('adopted').waitFor();
  } },
  { name: 'adopt-refused', scenario: 'lan-empty', path: '/adopt/host-art-7', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('HOST_KEY_CHANGED').waitFor();
  } },
];

/** A host at another address, whose key nobody has compared yet. */
export const editHostScreen: GalleryScreen = { name: 'host-edit', scenario: 'lan', path: '/hosts/host-art-1', steps: async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByTestId('edit-host').getByLabel('Address').fill('10.0.4.91');
  await page.getByRole('button', { name: 'Try and keep' }).click();
  await page.getByRole('button', { name: 'Keep it, and compare the key' }).waitFor();
} };
