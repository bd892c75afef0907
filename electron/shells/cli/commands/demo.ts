import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { DemoDescription, DemoNodeAction } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { requireYes, yesOption } from '../confirmed.ts';
import { describeDemo, showProgress } from '../demo-text.ts';

const nodeActions: readonly [DemoNodeAction, string][] = [
  ['kill', 'end the process of a node at once, as a crash would (SIGKILL)'],
  ['freeze', 'stop the process of a node without ending it (SIGSTOP)'],
  ['thaw', 'let a frozen node go on'],
  ['restart', 'stop a node gracefully and start it again'],
  ['start', 'start a node that is stopped'],
  ['stop', 'drain a node, then stop it'],
  ['remove', 'drain a node, stop it and take it out of the cluster'],
];

/** `bulkhead demo …`: the offline cluster on this machine. */
export function demoCommand(context: CliContext): Command {
  const demo = new Command('demo').description('the offline cluster on this machine');
  const { output, signal } = context;
  const sub = (name: string, description: string): Command => demo.command(name).description(description);

  sub('up', 'start it')
    .option('--nodes <n>', 'number of nodes, 1 to 9', wholeNumber, 3)
    .option('--port <port>', 'port of the balancer, 0 for a free one', wholeNumber, 8080)
    .option('--data <dir>', 'data folder; remembered for the other commands and the screens')
    .action(async (options: { nodes: number; port: number; data?: string }) => {
      const room = await context.client();
      const stop = showProgress(room, output);
      const dataDir = options.data === undefined ? {} : { dataDir: resolve(options.data) };
      const described = await room.call('demo.start', { nodes: options.nodes, port: options.port, ...dataDir }, { signal }).finally(stop);
      output.result(described, describeDemo(described));
    });

  sub('down', 'stop it; its data stays').action(async () => {
    const room = await context.client();
    const stop = showProgress(room, output);
    await room.call('demo.stop', {}, { signal }).finally(stop);
    output.result({ stopped: true }, 'The demo cluster is stopped. Its data is kept.');
  });

  sub('status', 'addresses, nodes, master, and how to sign in').action(async () => {
    const described: DemoDescription = await (await context.client()).call('demo.describe', {}, { signal });
    output.result(described, describeDemo(described));
  });

  for (const [action, description] of nodeActions) {
    sub(action, description).argument('<node>', 'id of the node, for example node-1').action(async (nodeId: string) => {
      await (await context.client()).call('demo.node', { nodeId, action }, { signal });
      output.result({ nodeId, action }, `${nodeId}: ${action} done`);
    });
  }

  sub('add', 'add a node, if the connection budget has room').action(async () => {
    const added = await (await context.client()).call('demo.addNode', {}, { signal });
    output.result(added, `${added.nodeId} added`);
  });

  sub('database', 'kill or start the database, to see the cluster live through it')
    .argument('<action>', 'kill or start', databaseAction)
    .action(async (action: 'kill' | 'start') => {
      await (await context.client()).call('demo.database', { action }, { signal });
      output.result({ action }, `database: ${action} done`);
    });

  sub('reset', 'stop it and delete all its data')
    .addOption(yesOption())
    .action(async (options: { yes?: boolean }) => {
      requireYes(options.yes, 'This deletes all artifacts of the demo');
      await (await context.client()).call('demo.reset', {}, { signal });
      output.result({ reset: true }, 'The demo cluster is stopped and its data deleted.');
    });

  sub('password', 'set a new password for the administrator, shown once').action(async () => {
    const fresh = await (await context.client()).call('demo.resetPassword', {}, { signal });
    output.result(fresh, `user      ${fresh.user}\npassword  ${fresh.password}`);
  });

  return demo.addHelpText('after', `
Examples:
  bulkhead demo up --nodes 3
  bulkhead demo kill "$(bulkhead demo status --json | jq -r .master.nodeId)"
  bulkhead demo down`);
}

/** A commander option parser for whole numbers; ranges are checked by the contract. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
}

function databaseAction(text: string): string {
  if (text !== 'kill' && text !== 'start') throw new InvalidArgumentError('Say kill or start.');
  return text;
}
