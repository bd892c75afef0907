import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { accessibilityProblems, openBrowser, type OpenPage } from './browser.ts';
import { between, buildGallery, galleryAddress, serveGallery, settle, tooWide } from './gallery.ts';
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
    if (shown === scenario) await page().evaluate(`location.hash = '#${between.path}'`);
    await page().goto(galleryAddress(scenario, path));
    shown = scenario;
    await settle(page(), waits);
  }

  async function afresh(path: string): Promise<void> {
    await page().goto('about:blank');
    shown = '';
    await show({ name: '', scenario: 'lan-upgrading', path });
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
      await takePicture(page(), `${screen.name}-${theme}`);
    }
    expect(problems).toEqual([]);
    expect(open.complaints.splice(0).map((complaint) => complaint.slice(0, 300))).toEqual([]);
  });

  it('stands still where no motion is wanted, and only there', async () => {
    const moving = (): Promise<boolean> => page().evaluate<boolean>(`document.getAnimations().some(({ playState }) => playState === 'running')`);
    for (const [scenario, path] of [['lan', '/'], ['lan-upgrading', '/upgrade']] as const) {
      await page().emulateMedia({ reducedMotion: 'no-preference' });
      await show({ name: '', scenario, path });
      await waitFor(`something that moves on ${path}`, moving);
      await page().emulateMedia({ reducedMotion: 'reduce' });
      await waitFor(`nothing that moves on ${path}`, async () => !(await moving()));
    }
    await page().emulateMedia({ reducedMotion: 'no-preference' });
  });

  it.each(['/', '/database', '/alerts', '/upgrade'])('%s does not jump while its figures change', async (path) => {
    await page().setViewportSize({ width: 1440, height: 900 });
    await afresh(path);
    expect((await page().evaluate<number[]>(watchShifts)).filter(isJump)).toEqual([]);
  });

  it('sees a jump where there is one', async () => {
    await afresh('/upgrade');
    const [shifts] = await Promise.all([page().evaluate<number[]>(watchShifts), page().evaluate(`document.querySelector('main .page-body').prepend(Object.assign(document.createElement('p'), { textContent: 'pushes the rest down' }))`)]);
    expect(shifts.some(isJump)).toBe(true);
  });
});

/** A share of the window that an eye notices: one line of text that moves by its own height is more. */
const isJump = (shift: number): boolean => shift > 0.002;

/** Sizes of the shifts that Chromium sees until the clock of the page has gone on three times. */
const watchShifts = `new Promise((resolve) => {
  const shifts = [];
  new PerformanceObserver((list) => { for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts.push(value); }).observe({ type: 'layout-shift', buffered: false });
  let ticks = 0;
  const timer = setInterval(() => { ticks += 1; if (ticks >= 3) { clearInterval(timer); resolve(shifts); } }, 1000);
})`;
