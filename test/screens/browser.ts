import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenPage {
  readonly page: Page;
  /** errors of the page and violations of its policy, as they were reported */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** An empty page of the system's Chromium with an empty profile, 1440 × 900. `prepare` may answer for the network. */
export async function openBrowser(prepare: (context: BrowserContext) => Promise<void> = () => Promise.resolve()): Promise<OpenPage> {
  const browser: Browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await context.addInitScript({ content: axeSource });
  await prepare(context);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // the latter is of the machine: labs beside this one make and take away networks
    if (message.type() === 'error' && !message.text().includes('ERR_NETWORK_CHANGED')) complaints.push(`${message.text()} ${message.location().url}`);
  });
  return { page, complaints, close: () => browser.close() };
}

/** Such a page at an address. */
export async function openPage(address: string): Promise<OpenPage> {
  const open = await openBrowser();
  await open.page.goto(address);
  return open;
}

/** What axe-core has to say about the page as it stands, one line for each rule that is broken. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const results = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe;
    // what is right is not described: that takes as long as finding what is wrong
    return axe.run({ resultTypes: ['violations'] });
  });
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary?.split('\n').at(-1)?.trim() ?? ''})`).slice(0, 4).join('; ')}`);
}

/** Whether anything is wider than the window. */
export function overflowsSideways(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}
