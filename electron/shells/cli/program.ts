import { Command, CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { alertsCommand } from './commands/alerts.ts';
import { groupCommand, permissionCommand, tokenCommand, userCommand } from './commands/access.ts';
import { artifactCommand } from './commands/artifact.ts';
import { auditCommand } from './commands/audit.ts';
import { balancerCommand } from './commands/balancer.ts';
import { budgetCommand } from './commands/budget.ts';
import { clusterCommand } from './commands/cluster.ts';
import { consoleCommand } from './commands/console.ts';
import { demoCommand } from './commands/demo.ts';
import { eventsCommand } from './commands/events.ts';
import { failoverCommand } from './commands/failover.ts';
import { hostCommand } from './commands/host.ts';
import { logsCommand } from './commands/logs.ts';
import { maintenanceCommand } from './commands/maintenance.ts';
import { nodeCommand } from './commands/node.ts';
import { repoCommand } from './commands/repo.ts';
import { runCommand } from './commands/run.ts';
import { statusCommand } from './commands/status.ts';
import { exitCodeHelp, exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { toldError, type Streams } from './output.ts';

/** The whole `bulkhead` program over a context. */
export function createProgram(context: CliContext, version: string, streams: Streams): Command {
  const program = new Command('bulkhead')
    .description('Control room for highly available artifact clusters.')
    .version(version, '--version')
    .option('--json', 'one JSON value on stdout (one a line for events and logs)')
    .on('option:json', () => context.output.useJson());
  const commands = [demoCommand, statusCommand, alertsCommand, budgetCommand, failoverCommand, eventsCommand, logsCommand, hostCommand, clusterCommand, nodeCommand, balancerCommand, maintenanceCommand, runCommand, repoCommand, artifactCommand, userCommand, groupCommand, permissionCommand, tokenCommand, auditCommand, consoleCommand];
  for (const make of commands) program.addCommand(make(context));
  program.addHelpText('after', `
Examples:
  bulkhead demo up --nodes 3 --port 8080
  bulkhead status
  bulkhead failover drill --json
  bulkhead events --follow
  bulkhead host add admin@10.0.4.11 --name node-1 --key ~/.ssh/id_ed25519
  bulkhead node provision --cluster artifacts node-1 node-2 node-3
  bulkhead repo create libs --type maven
  bulkhead artifact put app.tar.gz generic-local/app/1.0/
  bulkhead balancer apply front-1 --cluster artifacts --product nginx
${exitCodeHelp}`);
  harden(program, streams);
  return program;
}

/** Each command throws instead of ending the process, and takes `--json` behind its own name too. */
function harden(command: Command, streams: Streams): void {
  command.exitOverride().showHelpAfterError('(see --help)').configureOutput({ writeOut: streams.out, writeErr: streams.err });
  for (const sub of command.commands) harden(sub, streams);
}

/** Runs the program once. Never throws; errors are told as `code: message` with a hint. */
export async function runProgram(program: Command, context: CliContext, argv: readonly string[]): Promise<ExitCode> {
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return context.outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // help and version
      if (error.exitCode === 0) return exitCodes.ok;
      // people have been told by commander; it gives up before it has seen where --json stands
      if (argv.includes('--json')) context.output.usage(error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, ''));
      return exitCodes.usage;
    }
    const told = toldError(error);
    context.output.error(told);
    return exitCodeOf(told.code);
  }
}
