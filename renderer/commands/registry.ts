import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { useRouter } from 'vue-router';
import { screens } from '../app/screens.ts';
import { alertViews } from '../alerts/alert-views.ts';
import { useAlerts } from '../stores/alerts.ts';
import { useActions } from '../stores/actions.ts';
import { useBudget } from '../stores/budget.ts';
import { useClusters } from '../stores/clusters.ts';
import { useConnection } from '../stores/connection.ts';
import { useDemo } from '../stores/demo.ts';
import { useFailover } from '../stores/failover.ts';
import { useMaintenance } from '../stores/maintenance.ts';
import { useRepositories } from '../stores/repositories.ts';
import { useUpgrade } from '../stores/upgrade.ts';
import { nodeKey, useSelection } from '../stores/selection.ts';
import { themeChoices, useTheme } from '../stores/theme.ts';
import { useTopology } from '../stores/topology.ts';
import type { Action } from './action.ts';
import { addNodeAction, collectionActions, databaseActions, demoActions, failoverActions } from './cluster-actions.ts';
import { lanNodeActions } from './lan-node-actions.ts';
import { acknowledgeActions } from './alert-actions.ts';
import { upgradeRunActions } from './upgrade-actions.ts';
import { nodeActions } from './node-actions.ts';
import { repositoryEntries } from './repository-commands.ts';

/** Something that can be started by name. One list feeds the palette, the shortcuts and the menus. */
export interface Command {
  readonly id: string;
  readonly section: string;
  readonly title: string;
  readonly explanation: string;
  /** "Mod+K"; Mod is Ctrl, or Cmd on a Mac */
  readonly shortcut: string | null;
  readonly blocked: string | null;
  readonly danger: boolean;
  run(): void;
}

/** Every command there is at this moment. */
export const useCommands = defineStore('commands', () => {
  const router = useRouter();
  const connection = useConnection();
  const clusters = useClusters();
  const topology = useTopology();
  const budget = useBudget();
  const demo = useDemo();
  const failover = useFailover();
  const maintenance = useMaintenance();
  const alerts = useAlerts();
  const upgrade = useUpgrade();
  const repositories = useRepositories();
  const actions = useActions();
  const selection = useSelection();
  const theme = useTheme();
  const paletteOpen = ref(false);

  const plain = (id: string, section: string, title: string, run: () => void, shortcut: string | null = null, explanation = ''): Command =>
    ({ id, section, title, explanation, shortcut, blocked: null, danger: false, run });
  /** An action under its full name; it is shown where its subject is, so that progress and failure are seen there. */
  const ofAction = (action: Action, section: string, title: string, show: () => void): Command => ({
    id: action.id, section, title, explanation: action.explanation, shortcut: null, blocked: action.blocked, danger: action.tone === 'danger',
    run: () => {
      show();
      actions.start(action);
    },
  });
  const open = (name: string): void => void router.push({ name });

  const list = computed<Command[]>(() => {
    const picture = topology.current?.lifecycle === 'running' ? topology.current : null;
    const { blocked } = connection;
    const found: Command[] = [
      plain('palette.open', 'Go to', 'Search or run a command', () => { paletteOpen.value = true; }, 'Mod+K'),
      ...screens.map((screen) => plain(`go.${screen.name}`, 'Go to', screen.title, () => open(screen.name), screen.shortcut, screen.explanation)),
    ];
    if (picture !== null) {
      for (const node of picture.nodes) {
        const show = (): void => {
          open('topology');
          selection.select(nodeKey(node.nodeId));
        };
        found.push(plain(`show.${node.nodeId}`, 'Nodes', `Show ${node.nodeId}`, show, null, node.url));
        const resting = maintenance.of(picture.clusterId, node.nodeId) !== null;
        for (const action of picture.kind === 'lan' ? lanNodeActions(node, picture, { blocked, resting, ask: maintenance.ask }) : nodeActions(node, picture, blocked)) {
          const title = action.label === 'Hand over here' ? `Hand over to ${node.nodeId}` : /maintenance/i.test(action.label) ? `${action.label.replace('…', '')} of ${node.nodeId}` : `${action.label} ${node.nodeId}`;
          found.push(ofAction(action, 'Nodes', title, show));
        }
      }
      const showPart = (part: 'database' | 'filestore') => (): void => {
        open('topology');
        selection.select(part);
      };
      if (picture.kind === 'lan') found.push(plain('nodes.add', 'Cluster', 'Add a node', () => open('add-nodes'), null, 'Choose hosts that become nodes'));
      if (picture.kind === 'demo') found.push(ofAction(addNodeAction(picture, budget.explanation, blocked), 'Cluster', 'Add a node', () => open('demo')));
      for (const action of databaseActions(picture, blocked)) found.push(ofAction(action, 'Cluster', action.label, showPart('database')));
      for (const action of collectionActions(picture, blocked)) found.push(ofAction(action, 'Cluster', 'Collect unreferenced blobs', showPart('filestore')));
      found.push(ofAction(failoverActions(picture, blocked, failover.follower(1)).drill, 'Cluster', 'Run a failover drill', () => open('failover')));
    }
    if (clusters.selected === null || clusters.selected.kind === 'demo') {
      for (const action of demoActions(demo.lifecycle, blocked)) found.push(ofAction(action, 'Demo cluster', `${action.label} the demo cluster`, () => open('demo')));
    }
    for (const action of upgrade.run === null || !upgrade.underWay ? [] : upgradeRunActions(upgrade.run, blocked, Date.now())) found.push(ofAction(action, 'Upgrade', `Upgrade: ${action.label.toLowerCase()}`, () => open('upgrade')));
    for (const { view, title } of alertViews.slice(1)) found.push(plain(`alerts.${view}`, 'Alerts', `Alerts: ${title.toLowerCase()}`, () => void router.push({ name: 'alerts', query: { view } })));
    for (const action of acknowledgeActions(alerts.here, blocked)) found.push(ofAction(action, 'Alerts', action.label, () => open('alerts')));
    for (const { id, title, explanation, to } of repositories.list === null ? [] : repositoryEntries(repositories.list)) found.push(plain(id, 'Repositories', title, () => void router.push(to), null, explanation));
    found.push(plain('cluster.new', 'Clusters', 'New cluster', () => open('new-cluster'), null, 'Nodes on hosts of yours, from an empty page to serving'));
    found.push(plain('cluster.adopt', 'Clusters', 'Adopt a cluster', () => open('adopt'), null, 'One that another desktop has made, from any of its hosts'));
    found.push(plain('hosts.import', 'Clusters', 'Import hosts', () => open('import-hosts'), null, 'From ssh_config or a fleet file'));
    for (const other of clusters.list ?? []) {
      if (other.clusterId !== clusters.selectedId) found.push(plain(`cluster.${other.clusterId}`, 'Clusters', `Switch to ${other.name}`, () => clusters.select(other.clusterId), null, other.summary));
    }
    for (const choice of themeChoices) found.push(plain(`theme.${choice}`, 'Appearance', choice === 'system' ? 'Theme: as the system' : `Theme: ${choice}`, () => theme.choose(choice)));
    return found;
  });

  return { list, paletteOpen };
});
