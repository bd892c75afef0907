import type { BudgetExplanation, ContractClient, DrillReport, Topology } from '../../electron/contract/index.ts';
import { nodeState } from '../format/states.ts';
import type { Action } from './action.ts';

type Call = (client: ContractClient, signal: AbortSignal) => Promise<unknown>;

/** Adds a node to the demo; blocked with the arithmetic where the connection budget has no room. */
export function addNodeAction(picture: Topology, budget: BudgetExplanation | null, blocked: string | null): Action {
  const full = picture.nodes.length >= 9 ? 'The demo holds nine nodes at most' : null;
  const down = picture.databaseState === 'down' ? 'The database is down: a new node could not join' : null;
  const noRoom = budget !== null && !budget.oneMoreNode.fits ? `No room in the connection budget: ${budget.oneMoreNode.sentence}` : null;
  return {
    id: 'demo.addNode', subject: 'demo.addNode', label: 'Add node', progress: 'Adding a node', tone: 'normal', blocked: blocked ?? full ?? down ?? noRoom, question: null,
    explanation: 'Starts one more node on this machine; the balancer takes it in as soon as it serves.',
    run: (client, signal) => client.call('demo.addNode', {}, { signal }),
  };
}

/** Leads to where hosts are chosen that become nodes of a cluster on hosts. */
export function chooseHostsAction(open: () => void): Action {
  return {
    id: 'nodes.add', subject: 'nodes.add', label: 'Add node', progress: '', tone: 'normal', blocked: null, question: null,
    explanation: 'Choose hosts that become nodes while the others serve.',
    run: () => {
      open();
      return Promise.resolve();
    },
  };
}

/** Kill or start the demo's database, whichever makes sense in its state. */
export function databaseActions(picture: Topology, blocked: string | null): Action[] {
  if (picture.kind !== 'demo') return [];
  const call = (action: 'kill' | 'start'): Call => (client, signal) => client.call('demo.database', { action }, { signal });
  if (picture.databaseState === 'down') {
    return [{
      id: 'demo.database.start', subject: 'database', label: 'Start database', progress: 'Starting the database', tone: 'primary', blocked, question: null,
      explanation: 'PostgreSQL recovers from its log; the nodes find it again by themselves.', run: call('start'),
    }];
  }
  return [{
    id: 'demo.database.kill', subject: 'database', label: 'Kill database', progress: 'Killing the database', tone: 'danger', blocked,
    explanation: 'Ends PostgreSQL at once (SIGKILL), to see the cluster live through it.',
    question: {
      title: 'Kill the database?',
      does: ['Every process of PostgreSQL ends at once (SIGKILL), as in a power loss. It stays down until you start it again.'],
      breaks: [
        'All nodes answer 503 with Retry-After; the balancer has nobody to send requests to.',
        'Nothing that was acknowledged is lost: it is in the write-ahead log. The nodes come back within two seconds of the database, without a restart.',
      ],
      confirm: 'Kill database',
    },
    run: call('kill'),
  }];
}

/** Collection of unreferenced blobs: look first, or do it. */
export function collectionActions(picture: Topology, blocked: string | null): Action[] {
  const { clusterId } = picture;
  const noMaster = picture.master === null ? 'There is no master to run it' : null;
  const locked = picture.collectionLocked === null ? null : `Collection is locked: ${picture.collectionLocked}`;
  return [{
    id: 'gc.run', subject: 'filestore', label: 'Collect now', progress: 'Collecting unreferenced blobs', tone: 'normal', blocked: blocked ?? noMaster ?? locked,
    explanation: 'The master removes blobs that no artifact refers to and whose grace is over.', question: null,
    run: (client, signal) => client.call('gc.run', { clusterId, dryRun: false }, { signal }),
  }];
}

/** Stop and reset of the demo as a whole. */
export function demoActions(lifecycle: Topology['lifecycle'] | null, blocked: string | null): Action[] {
  const notRunning = lifecycle === 'running' || lifecycle === 'failed' ? null : 'The demo cluster is not running';
  return [
    {
      id: 'demo.stop', subject: 'demo', label: 'Stop', progress: 'Stopping the demo cluster', tone: 'normal', blocked: blocked ?? notRunning,
      explanation: 'Stops every process of the demo; its data stays for the next start.',
      question: { title: 'Stop the demo cluster?', does: ['Nodes, balancer and database stop, in this order. The data stays: the next start serves the same artifacts.'], breaks: ['Build tools that use the demo’s address get no answer until it is started again.'], confirm: 'Stop the demo' },
      run: (client, signal) => client.call('demo.stop', {}, { signal }),
    },
    {
      id: 'demo.reset', subject: 'demo', label: 'Reset', progress: 'Deleting the demo cluster', tone: 'danger', blocked,
      explanation: 'Stops the demo and deletes all of its data.',
      question: { title: 'Delete the demo cluster?', does: ['Every process stops, and the data folder is deleted: database, filestore, passwords and logs.'], breaks: ['All artifacts of the demo are gone. This cannot be undone.'], confirm: 'Delete everything', typed: 'delete demo' },
      run: (client, signal) => client.call('demo.reset', {}, { signal }),
    },
  ];
}

/** Planned change of the master, and the drill that makes it an unplanned one. */
/** Who is told how far the drills are. */
export interface DrillFollower {
  /** drills to run, one after the other */
  readonly times: number;
  /** the number of the one that begins, from 1; null when the last is over */
  readonly begins: (round: number | null) => void;
  readonly measured: (report: DrillReport) => void;
}

/** A drill, or several: each kills whoever is master by then. What was measured before a failure or a cancel is kept. */
export function failoverActions(picture: Topology, blocked: string | null, follower: DrillFollower): { drill: Action } {
  const serving = picture.nodes.filter((node) => nodeState(node).word === 'serving');
  const alone = serving.length < 2 ? 'Another serving node is needed to take over' : null;
  const noMaster = picture.master === null ? 'There is no master at present' : null;
  const notDemo = picture.kind === 'demo' ? null : 'Drills run in the demo cluster only';
  const master = picture.master?.nodeId ?? 'the master';
  const { times } = follower;
  const many = times > 1;
  return {
    drill: {
      id: 'failover.drill', subject: 'failover', label: many ? `Run ${times} drills` : 'Run a drill', progress: many ? `${times} drills, one after the other` : `Drill: ${master} is killed, waiting for the next master`, tone: 'danger', blocked: blocked ?? notDemo ?? noMaster ?? alone,
      explanation: 'Kills the master on purpose and measures how long the cluster is without one.',
      question: {
        title: many ? `Kill the master ${times} times?` : `Kill ${master} for a drill?`,
        does: [`${master} is killed (SIGKILL) while a request goes through the balancer every 20 ms. You see the measured time to the next master, and every request that failed. Then ${master} is started again.${many ? ` So it goes ${times} times, with whoever is master by then; it can be cancelled between any two.` : ''}`],
        breaks: [`No cluster-wide task runs until another node has taken over, usually within a second.`, `Uploads above 64 MiB that ${master} is receiving fail and have to be sent again.`],
        confirm: 'Kill the master',
      },
      run: async (client, signal) => {
        try {
          for (let round = 1; round <= times; round += 1) {
            follower.begins(round);
            follower.measured(await client.call('failover.drill', { clusterId: picture.clusterId }, { signal }));
          }
        } finally {
          follower.begins(null);
        }
      },
    },
  };
}
