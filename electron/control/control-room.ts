import type { Handlers } from '../contract/index.ts';
import type { AccessDesk } from './access-desk.ts';
import type { AdoptionDesk } from './adoption-desk.ts';
import type { AlertsDesk } from './alerts-desk.ts';
import type { BalancerDesk } from './balancer-desk.ts';
import type { ClusterDesk } from './cluster-desk.ts';
import type { ContentDesk } from './content-desk.ts';
import type { DemoDesk } from './demo-desk.ts';
import type { HostsDesk } from './hosts-desk.ts';
import type { LanDesk } from './lan-desk.ts';
import type { SecretStore } from './secrets/index.ts';
import type { SupervisionDesk } from './supervision-desk.ts';
import type { RotationDesk } from './rotation-desk.ts';
import type { UpgradeDesk } from './upgrade-desk.ts';

export interface ControlRoomParts {
  readonly shell: 'desktop' | 'console' | 'cli';
  readonly version: string;
  readonly stateDir: string;
  readonly secrets: SecretStore;
  readonly desk: DemoDesk;
  readonly hosts: HostsDesk;
  readonly lan: LanDesk;
  readonly alerts: AlertsDesk;
  readonly balancers: BalancerDesk;
  readonly upgrades: UpgradeDesk;
  readonly rotation: RotationDesk;
  readonly adoption: AdoptionDesk;
  readonly supervision: SupervisionDesk;
  readonly cluster: ClusterDesk;
  readonly content: ContentDesk;
  readonly access: AccessDesk;
}

/** Every operation of the contract, each a line or two that hands on to the folder that knows. */
export function createHandlers({ shell, version, stateDir, secrets, desk, hosts, lan, alerts, balancers, upgrades, rotation, adoption, supervision, cluster, content, access }: ControlRoomParts): Handlers {
  return {
    ...hosts.handlers,
    ...lan.handlers,
    ...rotation.handlers,
    ...adoption.handlers,
    ...upgrades.handlers,
    ...supervision.handlers,
    ...cluster.handlers,
    ...content.handlers,
    ...access.handlers,
    ...alerts.handlers,
    ...balancers.handlers,
    'app.info': () => Promise.resolve({ version, shell, platform: `${process.platform}-${process.arch}`, stateDir, secrets: secrets.protection }),

    'demo.plan': (options) => desk.plan(options),
    'demo.start': (options, context) => desk.start(options, context),
    'demo.stop': async (_, context) => { await desk.stop(context); return {}; },
    'demo.reset': async (_, context) => { await desk.reset(context); return {}; },
    'demo.progress': (_, { signal }) => desk.progress(signal),
    'demo.describe': () => desk.demo.describe(),
    'demo.node': async ({ nodeId, action }, context) => { await desk.actOnNode(nodeId, action, context); return {}; },
    'demo.addNode': (_, context) => desk.addNode(context),
    'demo.resetPassword': (_, context) => desk.resetPassword(context),
    'demo.database': async ({ action }, context) => { await desk.actOnDatabase(action, context); return {}; },
  };
}
