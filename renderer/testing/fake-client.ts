import type { ContractClient } from '../../electron/contract/index.ts';
import { fakeAccess } from './fakes/access.ts';
import { fakeAudit } from './fakes/audit.ts';
import { fakeAdoption } from './fakes/adoption.ts';
import { fakeAlerts } from './fakes/alerts.ts';
import { fakeBalancers } from './fakes/balancers.ts';
import { fakeClusterPart } from './fakes/cluster.ts';
import { fakeContent } from './fakes/content.ts';
import { fakeLanClusters } from './fakes/clusters.ts';
import { fakeDemo } from './fakes/demo.ts';
import { refusal, wait, type Answers, type Streams } from './fakes/fake-part.ts';
import { FakeWorld } from './fakes/fake-world.ts';
import { fakeHosts } from './fakes/hosts.ts';
import { fakeNodeWork } from './fakes/node-work.ts';
import { fakeRuns } from './fakes/runs.ts';
import { fakeSecrets } from './fakes/secrets.ts';
import { fakeSupervision } from './fakes/supervision.ts';
import { fakeUpgrade } from './fakes/upgrade.ts';
import type { Scenario } from './scenarios.ts';

/** Later ones win: an area may answer for LAN clusters what another one answers for the demo cluster. */
const areas = [fakeClusterPart, fakeDemo, fakeLanClusters, fakeRuns, fakeAlerts, fakeUpgrade, fakeNodeWork, fakeBalancers, fakeSupervision, fakeHosts, fakeContent, fakeAccess, fakeAudit, fakeSecrets, fakeAdoption];

/** A control room made up in the page, for the gallery and for component tests. */
export function createFakeClient(scenario: Scenario): ContractClient {
  const world = new FakeWorld(scenario);
  const parts = areas.map((area) => area(world));
  const answers: Answers = Object.assign({}, ...parts.map((part) => part.answers));
  const streams: Streams = Object.assign({}, ...parts.map((part) => part.streams));

  return {
    async call(name, args) {
      await wait(20);
      const answer = answers[name];
      if (answer === undefined) throw refusal('METHOD_UNKNOWN', `The gallery does not play "${name}"`, 'No screen of the gallery makes this call.');
      return answer(args);
    },
    subscribe(name, args, on) {
      const stream = streams[name];
      if (stream === undefined) {
        queueMicrotask(() => on.error?.(refusal('METHOD_UNKNOWN', `The gallery does not play "${name}"`, 'No screen of the gallery makes this call.')));
        return () => undefined;
      }
      return stream(args, on.item);
    },
    onConnection(listener) {
      listener(true);
      if (scenario === 'lost') setTimeout(() => listener(false), 400);
      return () => undefined;
    },
  };
}
