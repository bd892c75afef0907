import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const root = join(import.meta.dirname, '../..');
/** The documentation's pictures are replaced on request only; each run keeps its own for looking at. */
const folder = join(root, process.env['UPDATE_PICTURES'] === '1' ? 'docs/images' : 'test-results/screens');

/** Takes a picture of the window. Playwright waits for fonts; what moves is caught as it is. */
export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
