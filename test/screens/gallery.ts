import { existsSync } from 'node:fs';
import { join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { contentSecurityPolicy } from '../../electron/shells/screens/headers.ts';
import { waitFor } from '../harness/wait-for.ts';

const renderer = join(import.meta.dirname, '../../renderer');
/** Never connected to: every request is answered from the folder. A loopback name, so that the page may use what secure contexts may. */
const origin = 'http://localhost';

/** Builds the screens over their made-up control room, as they are shipped. */
export async function buildGallery(folder: string): Promise<void> {
  await build({ configFile: false, root: renderer, plugins: [vue()], logLevel: 'error', build: { outDir: folder, emptyOutDir: true, assetsInlineLimit: 0, rolldownOptions: { input: join(renderer, 'testing/gallery.html') } } });
}

/** Answers a browser out of the built gallery, under the same policy as the product. Networks that come and go do not disturb it. */
export async function serveGallery(context: BrowserContext, folder: string): Promise<void> {
  await context.route('**/*', async (route) => {
    // bytes of an upload: taken, as the console does
    if (route.request().method() === 'PUT') return route.fulfill({ status: 204 });
    const file = join(folder, new URL(route.request().url()).pathname);
    if (!existsSync(file)) return route.fulfill({ status: 404, body: '' });
    const html = file.endsWith('.html');
    return route.fulfill({ path: file, headers: html ? { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': contentSecurityPolicy } : {} });
  });
}

export const galleryAddress = (scenario: string, path: string): string => `${origin}/testing/gallery.html?scenario=${scenario}#${path}`;

/** Screens are reached by way of this one, so while it stands nothing has come yet. */
export const between = { path: '/settings', title: 'Settings' } as const;

/** Whether the screen has what it asked for, and nothing is on its way from one look to another. */
const settled = `(() => {
  const heading = document.querySelector('main h1');
  const waiting = document.querySelector('main .skeleton');
  return heading !== null && heading.textContent !== '${between.title}' && waiting === null && document.getAnimations().every((each) => !(each instanceof CSSTransition));
})()`;

export async function settle(page: Page, waits = false): Promise<void> {
  await waitFor('a screen that has settled', () => page.evaluate<boolean>(waits ? 'document.querySelector("main .skeleton") !== null' : settled));
}

/** Parts that are wider than the place they have, by class; empty when all fits. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[document.documentElement, ...document.querySelectorAll('main .page, main aside, main .lists, .dialog, header')]
    .filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.tagName + '.' + part.className)`);
}
