import { createRouter, createWebHashHistory, type Router, type RouteRecordRaw } from 'vue-router';
import AccessScreen from '../access/AccessScreen.vue';
import ActivityScreen from '../activity/ActivityScreen.vue';
import AdoptScreen from '../adopt/AdoptScreen.vue';
import AddNodesScreen from '../add-nodes/AddNodesScreen.vue';
import AlertsScreen from '../alerts/AlertsScreen.vue';
import BalancerScreen from '../balancer/BalancerScreen.vue';
import DatabaseScreen from '../database/DatabaseScreen.vue';
import DemoScreen from '../demo/DemoScreen.vue';
import FailoverScreen from '../failover/FailoverScreen.vue';
import HostScreen from '../hosts/HostScreen.vue';
import HostsScreen from '../hosts/HostsScreen.vue';
import ImportScreen from '../hosts/ImportScreen.vue';
import NewClusterScreen from '../new-cluster/NewClusterScreen.vue';
import NewRepositoryScreen from '../repositories/NewRepositoryScreen.vue';
import RepositoriesScreen from '../repositories/RepositoriesScreen.vue';
import RepositoryScreen from '../repositories/RepositoryScreen.vue';
import TrashScreen from '../repositories/TrashScreen.vue';
import RunScreen from '../runs/RunScreen.vue';
import RunStartedScreen from '../runs/RunStartedScreen.vue';
import RunsScreen from '../runs/RunsScreen.vue';
import SecretsScreen from '../secrets/SecretsScreen.vue';
import SettingsScreen from '../settings/SettingsScreen.vue';
import TopologyScreen from '../topology/TopologyScreen.vue';
import UpgradeScreen from '../upgrade/UpgradeScreen.vue';
import { screens, type ScreenName } from './screens.ts';

const components: Record<ScreenName, RouteRecordRaw['component']> = {
  topology: TopologyScreen,
  balancer: BalancerScreen,
  database: DatabaseScreen,
  failover: FailoverScreen,
  upgrade: UpgradeScreen,
  secrets: SecretsScreen,
  runs: RunsScreen,
  alerts: AlertsScreen,
  activity: ActivityScreen,
  repositories: RepositoriesScreen,
  access: AccessScreen,
  hosts: HostsScreen,
  demo: DemoScreen,
  settings: SettingsScreen,
};

/** Pages below a screen, which the navigation does not name. */
const pages: RouteRecordRaw[] = [
  { name: 'run-started', path: '/runs/started', component: RunStartedScreen },
  { name: 'run', path: '/runs/:runId', component: RunScreen },
  { name: 'new-repository', path: '/repositories/new', component: NewRepositoryScreen },
  { name: 'trash', path: '/repositories/trash', component: TrashScreen },
  { name: 'repository', path: '/repositories/of/:key/:view?', component: RepositoryScreen },
  { name: 'import-hosts', path: '/hosts/import/:source?', component: ImportScreen },
  { name: 'host', path: '/hosts/:hostId', component: HostScreen },
  { name: 'add-nodes', path: '/add-nodes', component: AddNodesScreen },
  { name: 'adopt', path: '/adopt/:hostId?', component: AdoptScreen },
  { name: 'new-cluster', path: '/new-cluster/:step?', component: NewClusterScreen },
];

/** Hash addresses: they work the same under `app://` and under the console's one page. */
export function createScreenRouter(): Router {
  const routes: RouteRecordRaw[] = screens.map(({ name, path }) => ({ name, path, component: components[name] }) as RouteRecordRaw);
  return createRouter({ history: createWebHashHistory(), routes: [...routes, ...pages, { path: '/:rest(.*)*', redirect: '/' }] });
}
