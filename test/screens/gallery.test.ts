import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { accessibilityProblems, openBrowser, type OpenPage } from './browser.ts';
import { buildGallery, galleryAddress, serveGallery, settle, tooWide } from './gallery.ts';
import { galleryScreens, type GalleryScreen } from './gallery-screens.ts';
import { takePicture } from './pictures.ts';

/** Each look that is held against the rules: both themes, the smallest window and a usual one. */
const looks = [{ theme: 'dark', width: 1440, height: 900 }, { theme: 'light', width: 1024, height: 700 }] as const;

/** Every screen of clusters on hosts over a made-up control room: no server, no host, nothing to wait for. */
describe('the screens in the gallery', () => {
  let folder: TemporaryFolder;
  let open: OpenPage;
  let shown = '';

  beforeAll(async () => {
    folder = await temporaryFolder('gallery');
    await buildGallery(folder.path);
    open = await openBrowser((context) => serveGallery(context, folder.path));
  });
  afterAll(async () => {
    await open.close();
    await folder.remove();
  });

  const page = () => open.page;
  async function show({ scenario, path, waits }: GalleryScreen): Promise<void> {
    // what a screen before this one has opened is closed by going somewhere else first
    if (shown === scenario) await page().evaluate(`location.hash = '#/settings'`);
    await page().goto(galleryAddress(scenario, path));
    shown = scenario;
    await settle(page(), waits);
  }

  it.each(galleryScreens)('$name fits, reads and complains of nothing', async (screen) => {
    await page().setViewportSize({ width: looks[0].width, height: looks[0].height });
    await show(screen);
    await screen.steps?.(page());
    const problems: string[] = [];
    for (const { theme, width, height } of looks) {
      await page().emulateMedia({ colorScheme: theme });
      await page().setViewportSize({ width, height });
      await page().locator(`html[data-theme=${theme}]`).waitFor();
      await settle(page(), screen.waits);
      problems.push(...(await accessibilityProblems(page())).map((problem) => `${theme} ${width}: ${problem}`), ...(await tooWide(page())).map((part) => `${theme} ${width}: ${part} is too wide`));
      if (theme === 'dark') await takePicture(page(), `${screen.name}-${theme}`);
    }
    expect(problems).toEqual([]);
    expect(open.complaints.splice(0).map((complaint) => complaint.slice(0, 300))).toEqual([]);
  });

  it('stands still where no motion is wanted', async () => {
    await page().emulateMedia({ reducedMotion: 'reduce' });
    for (const [scenario, path] of [['lan', '/'], ['lan-upgrading', '/upgrade'], ['lan-provisioning', '/runs']] as const) {
      await show({ name: '', scenario, path });
      await waitFor('nothing that moves', () => page().evaluate<boolean>(`document.getAnimations().every(({ playState }) => playState !== 'running')`));
    }
    await page().emulateMedia({ reducedMotion: 'no-preference' });
  });

  it.each(['/', '/database', '/alerts', '/upgrade'])('%s does not jump while its figures change', async (path) => {
    await page().setViewportSize({ width: 1440, height: 900 });
    await show({ name: '', scenario: 'lan-upgrading', path });
    const shifts = await page().evaluate<number[]>(watchShifts);
    expect(shifts.filter((shift) => shift > 0.002)).toEqual([]);
  });
});

/** Sizes of the shifts that Chromium sees until the clock of the page has gone on three times. */
const watchShifts = `new Promise((resolve) => {
  const shifts = [];
  new PerformanceObserver((list) => { for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts.push(value); }).observe({ type: 'layout-shift', buffered: false });
  let ticks = 0;
  const timer = setInterval(() => { ticks += 1; if (ticks >= 3) { clearInterval(timer); resolve(shifts); } }, 1000);
})`;
