import type { Page } from 'playwright-core';

/** One thing to look at: a screen of a made-up situation, after what has to be done to see it. */
export interface GalleryScreen {
  readonly name: string;
  readonly scenario: string;
  readonly path: string;
  readonly steps?: (page: Page) => Promise<void>;
  /** still waiting for its first answer: skeletons are what is to be seen */
  readonly waits?: boolean;
}

type Step = NonNullable<GalleryScreen['steps']>;
const press = (name: string | RegExp): Step => (page) => page.getByRole('button', { name }).first().click();
const part = (stop: string): Step => (page) => page.locator(`[data-stop="${stop}"]`).click();

/** Every screen that clusters on hosts have, in each of its situations. Those of one scenario stand together: it is loaded once. */
export const galleryScreens: readonly GalleryScreen[] = [
  { name: 'lan-topology', scenario: 'lan', path: '/' },
  { name: 'node-details', scenario: 'lan', path: '/', steps: part('node:art-2') },
  { name: 'node-maintenance', scenario: 'lan', path: '/', steps: part('node:art-3') },
  { name: 'balancer', scenario: 'lan', path: '/balancer' },
  { name: 'balancer-options', scenario: 'lan', path: '/balancer', steps: press(/^Options$/) },
  { name: 'database-lan', scenario: 'lan', path: '/database' },
  { name: 'upgrade-plan', scenario: 'lan', path: '/upgrade' },
  { name: 'alerts-acknowledged', scenario: 'lan', path: '/alerts' },
  { name: 'alerts-rules', scenario: 'lan', path: '/alerts?view=rules', steps: press(/^Change Disk/) },
  { name: 'alerts-mutes', scenario: 'lan', path: '/alerts?view=mutes' },
  { name: 'alerts-webhooks', scenario: 'lan', path: '/alerts?view=webhooks', steps: press('Add a webhook') },
  { name: 'alerts-history', scenario: 'lan', path: '/alerts?view=history' },
  { name: 'hosts', scenario: 'lan', path: '/hosts' },
  { name: 'runs', scenario: 'lan', path: '/runs' },
  { name: 'new-cluster', scenario: 'lan', path: '/new-cluster' },
  { name: 'maintenance-dialog', scenario: 'lan', path: '/', steps: async (page: Page): Promise<void> => {
    await part('node:art-1')(page);
    await press(/^Maintenance/)(page);
    await page.getByTestId('maintenance').waitFor();
  } },
  { name: 'lan-trouble', scenario: 'lan-trouble', path: '/', steps: part('node:art-3') },
  { name: 'alerts', scenario: 'lan-trouble', path: '/alerts', steps: (page: Page): Promise<void> => page.locator('.lists li button').first().click() },
  { name: 'upgrade-refused', scenario: 'lan-trouble', path: '/upgrade' },
  { name: 'balancer-unreachable', scenario: 'lan-trouble', path: '/balancer' },
  { name: 'hosts-trouble', scenario: 'lan-trouble', path: '/hosts' },
  { name: 'forget-node', scenario: 'lan-trouble', path: '/', steps: async (page: Page): Promise<void> => {
    await part('node:art-3')(page);
    await press(/^Forget/)(page);
    await page.getByTestId('confirm').waitFor();
  } },
  { name: 'upgrade', scenario: 'lan-upgrading', path: '/upgrade' },
  { name: 'upgrade-failed', scenario: 'lan-upgrade-failed', path: '/upgrade' },
  { name: 'upgrade-elsewhere', scenario: 'lan-upgrade-elsewhere', path: '/upgrade' },
  { name: 'topology-no-balancer', scenario: 'lan-empty', path: '/' },
  { name: 'balancer-none', scenario: 'lan-empty', path: '/balancer' },
  { name: 'balancer-new', scenario: 'lan-empty', path: '/balancer', steps: press('Add a balancer') },
  { name: 'alerts-none', scenario: 'lan-empty', path: '/alerts' },
  { name: 'topology-no-nodes', scenario: 'lan-new', path: '/' },
  { name: 'database-no-nodes', scenario: 'lan-new', path: '/database' },
  { name: 'runs-under-way', scenario: 'lan-provisioning', path: '/runs' },
  { name: 'runs-interrupted', scenario: 'lan-interrupted', path: '/runs' },
  { name: 'hosts-none', scenario: 'first-run', path: '/hosts' },
  { name: 'upgrade-demo', scenario: 'running', path: '/upgrade' },
  { name: 'alerts-waiting', scenario: 'slow', path: '/alerts', waits: true },
];
