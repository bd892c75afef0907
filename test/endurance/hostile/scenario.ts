import type { Scenario } from '../outcome.ts';
import { hostile } from './run.ts';

export const hostileClients: Scenario = {
  name: 'hostile',
  summary: 'slow, endless, huge and countless requests, while others are served',
  options: {
    seconds: { default: 20, help: 'of each attack' },
    connections: { default: 500, help: 'hostile ones at once' },
  },
  run: ({ seconds = 20, connections = 500 }, _seed, say) => hostile({ seconds, connections }, say),
};
