import type { Page } from 'playwright-core';
import type { GalleryScreen } from './gallery-screens.ts';

const releases = '/repositories/of/maven-releases';
const line = (page: Page, path: string) => page.locator(`[data-path="${path}"]`);

/** From the repository down to a file, as one does with the keyboard. */
async function walkToFile(page: Page): Promise<void> {
  await page.getByRole('tree').focus();
  for (const folder of ['com', 'com/acme', 'com/acme/billing', 'com/acme/billing/invoice-core', 'com/acme/billing/invoice-core/3.0.0']) {
    await line(page, folder).click();
    await page.keyboard.press('ArrowRight');
    await page.locator(`[data-path^="${folder}/"]`).first().waitFor();
  }
  await page.keyboard.press('ArrowDown');
  await page.getByTestId('item').getByText('SHA-256').waitFor();
}

async function giveFiles(page: Page): Promise<void> {
  const file = (name: string, size: number): { name: string; mimeType: string; buffer: Buffer } => ({ name, mimeType: 'application/java-archive', buffer: Buffer.alloc(size, 7) });
  await page.locator('input[type=file]').setInputFiles([file('invoice-core-3.0.0.jar', 300_000), file('invoice-core-3.0.0.pom', 2_410), file('invoice-core-3.0.0.jar.asc', 833)]);
  await page.locator('[data-state=done]').first().waitFor();
}

/** Repositories, what is in them, and what was deleted. */
export const contentScreens: readonly GalleryScreen[] = [
  { name: 'repositories', scenario: 'lan', path: '/repositories' },
  { name: 'repositories-search', scenario: 'lan', path: '/repositories', steps: async (page: Page): Promise<void> => {
    await page.keyboard.press('/');
    await page.keyboard.type('invoice-*.pom');
    await page.getByRole('link', { name: /^invoice-core-.*pom$/ }).first().waitFor();
  } },
  { name: 'repositories-search-none', scenario: 'lan', path: '/repositories?find=nothing-like-it', steps: (page: Page): Promise<void> => page.getByText('Nothing is found').waitFor() },
  { name: 'repositories-search-refused', scenario: 'lan', path: '/repositories?find=x', steps: (page: Page): Promise<void> => page.getByText('SEARCH_TOO_BROAD').waitFor() },
  { name: 'repositories-search-incomplete', scenario: 'lan', path: '/repositories?find=com/acme', steps: (page: Page): Promise<void> => page.getByText('Choose the repository').waitFor() },
  { name: 'repository-browse', scenario: 'lan', path: releases, steps: walkToFile },
  { name: 'repository-property', scenario: 'lan', path: `${releases}?path=com/acme/billing`, steps: async (page: Page): Promise<void> => {
    const properties = page.getByTestId('properties');
    await properties.getByRole('button', { name: 'Add' }).click();
    await properties.getByLabel('Name').fill('release stage');
    await properties.getByRole('button', { name: 'Save' }).click();
    await properties.getByText('No spaces').waitFor();
  } },
  { name: 'repository-upload', scenario: 'lan', path: `${releases}?path=com/acme/billing/invoice-core/3.0.0/invoice-core-3.0.0.pom`, steps: giveFiles },
  { name: 'repository-set-up', scenario: 'lan', path: '/repositories/of/maven/set-up' },
  { name: 'repository-set-up-npm', scenario: 'lan', path: '/repositories/of/npm-local/set-up' },
  { name: 'repository-settings', scenario: 'lan', path: `${releases}/settings` },
  { name: 'repository-remote', scenario: 'lan', path: '/repositories/of/npmjs/settings' },
  { name: 'repository-new', scenario: 'lan', path: '/repositories/new', steps: async (page: Page): Promise<void> => {
    await page.getByRole('radio', { name: /^Virtual/ }).check();
    await page.getByRole('radio', { name: /^Maven/ }).check();
    await page.getByLabel('Key').fill('maven');
    await page.getByRole('button', { name: '+ maven-releases' }).click();
    await page.getByRole('button', { name: '+ maven-central' }).click();
    await page.getByRole('button', { name: 'Create repository' }).click();
    await page.getByText('There is a repository with this key').waitFor();
  } },
  { name: 'trash-can', scenario: 'lan', path: '/repositories/trash' },
  // the longest names, other scripts, ten thousand entries, nothing
  { name: 'repositories-odd', scenario: 'lan-odd', path: '/repositories' },
  { name: 'repository-many-entries', scenario: 'lan-odd', path: `${releases}?path=com/acme/many`, steps: async (page: Page): Promise<void> => {
    await line(page, 'com/acme/many').click();
    await page.keyboard.press('ArrowRight');
    await page.getByText('build-00003.log').waitFor();
  } },
  { name: 'repository-odd-names', scenario: 'lan-odd', path: `${releases}?path=${encodeURIComponent(`com/acme/names/${'a-very-long-name-without-any-place-to-break-it-'.repeat(5)}.jar`)}`, steps: (page: Page): Promise<void> => page.getByTestId('item').getByText('SHA-256').waitFor() },
  { name: 'repository-odd-settings', scenario: 'lan-odd', path: '/repositories/of/team-platform-payments-reconciliation-nightly-snapshots-archive/settings' },
  { name: 'repository-empty', scenario: 'lan-odd', path: '/repositories/of/z' },
];

/** Leaves its question on the screen, so it stands last among those of its scenario. */
export const deleteRepositoryScreen: GalleryScreen = { name: 'repository-delete', scenario: 'lan-upgrading', path: `${releases}/settings`, steps: async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Delete repository/ }).click();
  await page.getByTestId('confirm').waitFor();
} };
