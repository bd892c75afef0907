import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const root = join(import.meta.dirname, '../..');
/** What the documentation shows. These pictures are replaced on request only; each run keeps all of its own for looking at. */
const documented = new Set(['topology-dark', 'topology-light', 'first-run-dark', 'first-steps-dark', 'master-killed-dark', 'palette-dark', 'database-dark', 'failover-dark', 'activity-dark', 'demo-dark', 'settings-dark',
  'lan-trouble-dark', 'node-details-dark', 'upgrade-dark', 'balancer-dark', 'alerts-dark', 'hosts-dark', 'new-cluster-dark', 'wizard-hosts-dark', 'wizard-review-dark', 'run-done-dark', 'key-changed-dark', 'wrong-password-dark',
  'repositories-dark', 'repository-browse-dark', 'repository-delete-dark', 'access-permission-dark', 'access-audit-dark', 'repositories-search-dark']);
const update = process.env['UPDATE_PICTURES'] === '1';

/** Takes a picture of the window. Playwright waits for fonts; what moves is caught as it is. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = join(root, update && documented.has(name) ? 'docs/images' : 'test-results/screens');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
