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
    impatient: { default: 0, help: '1: what is shed is sent again at once, whatever Retry-After says, and a 503 is a failure' },
  },
  run: async ({ npm = 0, maven = 0, impatient = 0 }, _seed, say) => {
    await using cluster = await startCluster({ nodes: 3, balancer: false });
    say('three nodes serve');
    const published = await publishAtOnce(cluster, npm, impatient === 1);
    say(String(published.facts['npm versions']));
    const deployed = maven === 0 ? { facts: {}, failures: [] } : await deployAtOnce(cluster, maven, impatient === 1);
    say(String(deployed.facts['Maven versions'] ?? 'nothing was deployed by Maven'));
    for (const line of await logDigest(cluster)) say(line);
    return { facts: { ...published.facts, ...deployed.facts }, failures: [...published.failures, ...deployed.failures] };
  },
};
