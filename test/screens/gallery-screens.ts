import type { Page } from 'playwright-core';
import { adoptScreens, editHostScreen } from './gallery-adopt.ts';
import { accessScreens } from './gallery-access.ts';
import { secretScreens } from './gallery-secrets.ts';
import { contentScreens, deleteRepositoryScreen } from './gallery-content.ts';
import { hostQuestionScreen, hostScreens } from './gallery-hosts.ts';

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

/** A replicated database: a pasted list becomes rows, rows come and go by keyboard, and each says what was found there. */
async function replicated(page: Page): Promise<void> {
  await page.getByLabel('Name of the cluster').fill('artifacts-lab');
  await page.getByLabel('Database host').fill('db-1.lan, standby-2.lan:5433');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Add a server' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('too-much.lan');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByLabel('Server 3', { exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Add a server' }).press('Enter');
  await page.keyboard.type('nowhere-3.lan');
  await page.getByRole('button', { name: 'Test from this machine' }).press('Enter');
  await page.getByText('Primary, PostgreSQL').waitFor();
  await page.getByText('Standby, PostgreSQL').waitFor();
  await page.getByText('nowhere-3.lan cannot be found').waitFor();
}

/** Through the wizard up to a page, with what each page before it needs. */
function walkTo(last: 'hosts' | 'balancer' | 'review'): Step {
  return async (page) => {
    const next = (): Promise<void> => page.getByTestId('next').click();
    await page.evaluate(`location.hash = '#/new-cluster/database'`);
    await page.getByLabel('Name of the cluster').fill('artifacts-lab');
    await page.getByLabel('Database host').fill('db.lan');
    await next();
    await page.getByLabel('Path on every host').fill('/srv/artifacts');
    await next();
    await page.getByRole('checkbox', { name: 'art-5' }).check();
    await page.getByRole('button', { name: /^Check (art-5|all)/ }).click();
    await page.getByText('I take this on').first().waitFor();
    if (last === 'hosts') return;
    await next();
    await page.getByRole('radio', { name: /HAProxy/ }).check();
    await page.getByLabel('Host that it runs on').selectOption('host-balance-1');
    if (last === 'balancer') return;
    await next();
    await page.getByRole('button', { name: 'Show commands' }).click();
    await page.getByTestId('plan').waitFor();
  };
}

/** Every screen that clusters on hosts have, in each of its situations. Those of one scenario stand together: it is loaded once. */
export const galleryScreens: readonly GalleryScreen[] = [
  { name: 'lan-topology', scenario: 'lan', path: '/' },
  { name: 'node-details', scenario: 'lan', path: '/', steps: part('node:art-2') },
  { name: 'node-maintenance', scenario: 'lan', path: '/', steps: part('node:art-3') },
  { name: 'balancer', scenario: 'lan', path: '/balancer' },
  { name: 'balancer-options', scenario: 'lan', path: '/balancer', steps: press(/^Options$/) },
  { name: 'database-lan', scenario: 'lan', path: '/database' },
  { name: 'upgrade-plan', scenario: 'lan', path: '/upgrade', steps: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Show commands' }).click();
    await page.getByTestId('plan').waitFor();
  } },
  { name: 'alerts-acknowledged', scenario: 'lan', path: '/alerts' },
  { name: 'alerts-rules', scenario: 'lan', path: '/alerts?view=rules', steps: press(/^Change Disk/) },
  { name: 'alerts-mutes', scenario: 'lan', path: '/alerts?view=mutes' },
  { name: 'alerts-webhooks', scenario: 'lan', path: '/alerts?view=webhooks', steps: press('Add a webhook') },
  { name: 'alerts-history', scenario: 'lan', path: '/alerts?view=history' },
  { name: 'add-nodes', scenario: 'lan', path: '/add-nodes', steps: async (page: Page): Promise<void> => {
    await page.getByRole('checkbox', { name: 'art-5' }).check();
    await press('Show commands')(page);
    await page.getByTestId('plan').waitFor();
  } },
  { name: 'hosts', scenario: 'lan', path: '/hosts' },
  { name: 'host', scenario: 'lan', path: '/hosts/host-art-5', steps: async (page: Page): Promise<void> => {
    await press('Test the login')(page);
    await page.getByText('✓ Signed in').waitFor();
    await press('Check')(page);
    await page.getByText(/passed, today/).waitFor();
  } },
  editHostScreen,
  { name: 'host-sign-in', scenario: 'lan', path: '/hosts/host-balance-1', steps: press('Change the sign-in') },
  { name: 'host-key', scenario: 'lan', path: '/hosts', steps: async (page: Page): Promise<void> => {
    await press('Compare its key')(page);
    await page.getByTestId('fingerprint').waitFor();
  } },
  { name: 'host-key-changed', scenario: 'lan', path: '/hosts/host-art-7', steps: async (page: Page): Promise<void> => {
    await press('Look at its key')(page);
    await page.getByTestId('fingerprint').waitFor();
  } },
  { name: 'host-add', scenario: 'lan', path: '/hosts', steps: async (page: Page): Promise<void> => {
    await press('Add host')(page);
    await page.getByLabel('Paste user@host:port').fill('ops@art-8.lan:2222');
    await press('Over a jump host')(page);
    await press('Test first')(page);
  } },
  ...hostScreens,
  { name: 'hosts-import', scenario: 'lan', path: '/hosts/import/ssh-config' },
  { name: 'hosts-fleet', scenario: 'lan', path: '/hosts/import/fleet', steps: async (page: Page): Promise<void> => {
    await page.getByLabel('Fleet file').fill('{ "format": "bulkhead-fleet" }');
    await page.getByText('its password has to be given').waitFor();
  } },
  { name: 'hosts-export', scenario: 'lan', path: '/hosts/import/export' },
  { name: 'run-failed', scenario: 'lan', path: '/runs', steps: async (page: Page): Promise<void> => {
    await page.getByRole('link', { name: 'Provision art-5' }).click();
    await page.getByTestId('run-failure').waitFor();
  } },
  { name: 'run-serves', scenario: 'lan', path: '/runs', steps: async (page: Page): Promise<void> => {
    await page.getByRole('link', { name: /^Provision art-1, / }).click();
    await page.getByTestId('serving-after').waitFor();
  } },
  { name: 'runs', scenario: 'lan', path: '/runs' },
  { name: 'new-cluster', scenario: 'lan', path: '/new-cluster' },
  { name: 'gallery-wizard-servers', scenario: 'lan', path: '/new-cluster', steps: replicated },
  { name: 'gallery-wizard-hosts', scenario: 'lan', path: '/new-cluster', steps: walkTo('hosts') },
  { name: 'gallery-wizard-balancer', scenario: 'lan', path: '/new-cluster', steps: walkTo('balancer') },
  { name: 'gallery-wizard-review', scenario: 'lan', path: '/new-cluster', steps: walkTo('review') },
  { name: 'gallery-wizard-review-balancer', scenario: 'lan', path: '/new-cluster', steps: async (page: Page): Promise<void> => {
    await walkTo('review')(page);
    await page.getByRole('tab', { name: 'HAProxy on balance-1' }).click();
  } },
  ...contentScreens,
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
  { name: 'repositories-unreachable', scenario: 'lan-trouble', path: '/repositories' },
  { name: 'forget-node', scenario: 'lan-trouble', path: '/', steps: async (page: Page): Promise<void> => {
    await part('node:art-3')(page);
    await press(/^Forget/)(page);
    await page.getByTestId('confirm').waitFor();
  } },
  { name: 'upgrade', scenario: 'lan-upgrading', path: '/upgrade' },
  { name: 'upgrade-uploading', scenario: 'lan-provisioning', path: '/upgrade' },
  deleteRepositoryScreen,
  { name: 'upgrade-failed', scenario: 'lan-upgrade-failed', path: '/upgrade' },
  hostQuestionScreen,
  { name: 'upgrade-alone', scenario: 'lan-alone', path: '/upgrade', steps: async (page: Page): Promise<void> => {
    await page.getByRole('checkbox', { name: /I take this on/ }).check();
    await press(/^Switch to/)(page);
  } },
  { name: 'upgrade-elsewhere', scenario: 'lan-upgrade-elsewhere', path: '/upgrade' },
  { name: 'topology-no-balancer', scenario: 'lan-empty', path: '/' },
  { name: 'balancer-none', scenario: 'lan-empty', path: '/balancer' },
  { name: 'balancer-new', scenario: 'lan-empty', path: '/balancer', steps: press('Add a balancer') },
  ...accessScreens,
  ...secretScreens,
  ...adoptScreens,
  { name: 'alerts-none', scenario: 'lan-empty', path: '/alerts' },
  { name: 'topology-no-nodes', scenario: 'lan-new', path: '/' },
  { name: 'database-no-nodes', scenario: 'lan-new', path: '/database' },
  { name: 'runs-under-way', scenario: 'lan-provisioning', path: '/runs' },
  { name: 'runs-interrupted', scenario: 'lan-interrupted', path: '/runs' },
  { name: 'hosts-none', scenario: 'first-run', path: '/hosts' },
  { name: 'upgrade-demo', scenario: 'running', path: '/upgrade' },
  { name: 'repositories-none', scenario: 'one', path: '/repositories' },
  { name: 'repositories-waiting', scenario: 'slow', path: '/repositories', waits: true },
  { name: 'alerts-waiting', scenario: 'slow', path: '/alerts', waits: true },
];
