import { startCluster } from '../../harness/cluster.ts';
import { logDigest } from '../log-digest.ts';
import type { Scenario } from '../outcome.ts';
import { deployAtOnce } from './maven.ts';
import { publishAtOnce } from './npm.ts';

export const publishes: Scenario = {
  name: 'publishes',
  summary: 'versions of one npm package, then of one Maven artifact, all at once over three nodes',
  options: {
    npm: { default: 1000, help: 'npm versions' },
    maven: { default: 1000, help: 'Maven versions' },
  },
  run: async ({ npm = 0, maven = 0 }, _seed, say) => {
    await using cluster = await startCluster({ nodes: 3, balancer: false });
    say('three nodes serve');
    const published = await publishAtOnce(cluster, npm);
    say(String(published.facts['npm versions']));
    const deployed = await deployAtOnce(cluster, maven);
    say(String(deployed.facts['Maven versions']));
    for (const line of await logDigest(cluster)) say(line);
    return { facts: { ...published.facts, ...deployed.facts }, failures: [...published.failures, ...deployed.failures] };
  },
};
