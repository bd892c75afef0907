import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Handlers } from '../contract/index.ts';
import { AccessDesk } from './access-desk.ts';
import { AdoptionDesk } from './adoption-desk.ts';
import { AlertsDesk } from './alerts-desk.ts';
import { ClusterDesk } from './cluster-desk.ts';
import { ClusterWatches } from './cluster-watches.ts';
import { ContentDesk } from './content-desk.ts';
import type { Transfers } from './content/index.ts';
import { createHandlers } from './control-room.ts';
import { DemoDesk } from './demo-desk.ts';
import { tryDatabase } from './database-trial/index.ts';
import { detachedLauncher, runToEnd, type ProcessLauncher } from './demo/index.ts';
import { demoClusterId, Fleet, HostConnections, HostQuestions, Hosts, LanClusters, type HostAccess } from './fleet/index.ts';
import { HostsDesk } from './hosts-desk.ts';
import { HostLinks } from './host-link/index.ts';
import { Journal } from './journal/index.ts';
import { LanDesk } from './lan-desk.ts';
import { createNodeAgent } from './node-api/index.ts';
import { paths, Payloads, SshHost, unitName } from './provision/index.ts';
import { RotationDesk } from './rotation-desk.ts';
import { SupervisionDesk } from './supervision-desk.ts';
import { createFileBox, SecretStore, type SecretBox } from './secrets/index.ts';
import { KnownHosts, openSession } from './ssh/index.ts';
import { openState } from './state/index.ts';
import { UpgradeDesk } from './upgrade-desk.ts';

export { defaultDemoFolder, describeDemo, startDemo, stopDemo, type DemoPrograms, type DemoStart, type LaunchSpec, type ProcessLauncher } from './demo/index.ts';
export type { Download, Transfers } from './content/index.ts';
export type { SecretBox } from './secrets/index.ts';

export interface ControlRoomOptions {
  /** folder of the app's own state; made when needed, for its owner only */
  readonly stateDir: string;
  readonly shell: 'desktop' | 'console' | 'cli';
  readonly version: string;
  /** the node, built to one file */
  readonly nodeBundlePath: string;
  /** the Node.js (24) that runs it */
  readonly nodeRuntimePath: string;
  /** the Node.js that is shipped to hosts, for Linux on x86_64, whatever this machine is; without it no host can be provisioned */
  readonly hostRuntimePath?: string;
  /** the same for hosts with an arm64 CPU */
  readonly hostRuntimeArmPath?: string;
  /** how processes are started; detached from this one unless a shell brings its own way */
  readonly processLauncher?: ProcessLauncher;
  /** what protects stored secrets; a key file beside the state unless a shell brings better */
  readonly secretBox?: SecretBox;
}

export interface ControlRoom {
  readonly handlers: Handlers;
  /** bytes of artifacts, which never pass the contract */
  readonly transfers: Transfers;
  /** Cancels what is under way, stops watching and closes the state. A demo that runs goes on: it belongs to whoever stops it. */
  close(): Promise<void>;
}

/** Opens the control room. It knows neither windows nor HTTP: a shell serves its handlers over a wire. */
export async function createControlRoom(options: ControlRoomOptions): Promise<ControlRoom> {
  const { stateDir, shell, version, nodeBundlePath, nodeRuntimePath, hostRuntimePath = '', hostRuntimeArmPath = '' } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const state = openState(stateDir);
  const agent = createNodeAgent((host) => links.find(host));
  const transferAgent = createNodeAgent((host) => links.find(host), 64);
  const journal = new Journal(state);
  const fleet = new Fleet(state);
  const secrets = new SecretStore(state, options.secretBox ?? createFileBox(stateDir));
  const desk = new DemoDesk({ nodeBundlePath, nodeRuntimePath, launcher: options.processLauncher ?? detachedLauncher, agent }, fleet, journal);
  const hosts = new Hosts(state, secrets);
  const clusters = new LanClusters(state, fleet, secrets);
  const payloads = new Payloads({ runtimes: { x64: hostRuntimePath, arm64: hostRuntimeArmPath }, bundle: nodeBundlePath, version, cacheFolder: join(stateDir, 'payloads') });
  const questions = new HostQuestions();
  const connections = new HostConnections(new KnownHosts(join(stateDir, 'known_hosts')), questions);
  const hostsDesk = new HostsDesk({ hosts, clusters, connections, questions, balancedOn: (hostId) => lan.balancedOn(hostId), onChange: (hostId) => { links.retryRefused(); if (hostId !== null) void links.renew(hostId); } });
  const lan = new LanDesk({ state, hosts, clusters, payloads, connections, journal, heard: (clusterId) => watches.clientSettings(clusterId), tryDatabase: (trial, signal) => tryDatabase(trial, { runtimePath: nodeRuntimePath, bundlePath: nodeBundlePath, run: runToEnd }, signal) });
  const alerts = new AlertsDesk({ state, watches: () => watches, clusters, journal, agent, eager: shell !== 'cli' });
  const { balancers } = lan;
  const upgrades = new UpgradeDesk({ hosts, clusters, payloads, connections, journal, version, alerts: alerts.handlers, balancers: balancers.handlers });
  const connect = (access: HostAccess): SshHost => new SshHost((signal) => connections.open(access, signal));
  const rotation = new RotationDesk({ state, hosts, clusters, journal, connect });
  const adoption = new AdoptionDesk({ hosts, clusters, connections, journal, connect });
  const links = new HostLinks({
    // nobody is asked: a connection that is made again and again must not bother a person
    open: async (hostId, signal) => {
      const { target, credentials, sudoPassword } = await hosts.access(hostId);
      return openSession(target, credentials, connections.knownHosts, { signal, timeoutMs: 10_000, ...(sudoPassword === null ? {} : { sudoPassword }) });
    },
    target: (hostId) => {
      const node = clusters.nodeOn(hostId);
      return { unit: unitName, home: paths.home, filestore: node === null ? null : clusters.get(node.clusterId).settings.filestore };
    },
    runtime: `${paths.current}/node`,
  });
  const watches = new ClusterWatches({ desk, hosts, clusters, links, agent, journal, eager: shell !== 'cli' });
  const supervision = new SupervisionDesk({ desk, watches, hosts, clusters, links });
  const cluster = new ClusterDesk({ desk, watches, links, journal, agent });
  const content = new ContentDesk({ watches, journal, agent, transferAgent });
  const access = new AccessDesk({
    watches, journal, agent,
    keepCredentials: (clusterId, user, password) => (clusterId === demoClusterId ? desk.demo.keepPassword(user, password) : clusters.setSecret(clusterId, 'admin', password)),
  });
  await watches.start();
  alerts.start();
  return {
    handlers: createHandlers({ shell, version, stateDir, secrets, desk, hosts: hostsDesk, lan, alerts, balancers, upgrades, rotation, adoption, supervision, cluster, content, access }),
    transfers: content.transfers,
    async close() {
      content.close();
      await upgrades.close();
      await lan.close();
      await alerts.close();
      await watches.close();
      await desk.close();
      await links.close();
      await transferAgent.destroy();
      await agent.destroy();
      state.close();
    },
  };
}
