import type { Scenario } from '../outcome.ts';
import { collectWhileChanging, startCollectingCluster } from './run.ts';

export const collection: Scenario = {
  name: 'collection',
  summary: 'uploads, dedupes, deletes and re-uploads of few contents over three nodes, while collections without grace follow each other',
  options: {
    operations: { default: 100_000, help: 'changes in all' },
    clients: { default: 24, help: 'that change files at the same time' },
    contents: { default: 300, help: 'different ones, shared by all clients' },
  },
  run: async ({ operations = 0, clients = 0, contents = 0 }, seed, say) => {
    await using cluster = await startCollectingCluster();
    return await collectWhileChanging(cluster, { operations, clients, contents, seed }, say);
  },
};
