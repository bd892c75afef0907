import { createRouter, createWebHashHistory, type Router, type RouteRecordRaw } from 'vue-router';
import ActivityScreen from '../activity/ActivityScreen.vue';
import AlertsScreen from '../alerts/AlertsScreen.vue';
import BalancerScreen from '../balancer/BalancerScreen.vue';
import DatabaseScreen from '../database/DatabaseScreen.vue';
import DemoScreen from '../demo/DemoScreen.vue';
import FailoverScreen from '../failover/FailoverScreen.vue';
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
  alerts: AlertsScreen,
  activity: ActivityScreen,
  demo: DemoScreen,
  settings: SettingsScreen,
};

/** Hash addresses: they work the same under `app://` and under the console's one page. */
export function createScreenRouter(): Router {
  const routes: RouteRecordRaw[] = screens.map(({ name, path }) => ({ name, path, component: components[name] }) as RouteRecordRaw);
  return createRouter({ history: createWebHashHistory(), routes: [...routes, { path: '/:rest(.*)*', redirect: '/' }] });
}
