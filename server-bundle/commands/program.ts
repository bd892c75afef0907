import { Command, CommanderError, Option } from 'commander';
import { version } from '../version.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { run, say } from './output.ts';

interface ConfigOption { readonly config: string }
interface JsonOption { readonly json?: boolean }
interface ServingOption { readonly wait: string }

const configFile = (): Option => new Option('-c, --config <file>', 'configuration file (YAML)').makeOptionMandatory();
const asJson = (): Option => new Option('--json', 'print one line of JSON for programs');

/** The command line. Commands load what they need when they run, so that a start costs only what it uses. */
export function program(): Command {
  const root = new Command('bulkhead-node')
    .description('A node of a Bulkhead artifact cluster.')
    .exitOverride()
    .addHelpText('after', `\n${exitCodeHelp()}`);

  root.command('serve').description('run the node until SIGTERM, which drains it; a second SIGTERM stops it at once')
    .addOption(configFile())
    .action(({ config }: ConfigOption) => run(false, async () => (await import('./serve.ts')).serveCommand(config)).finally(endSoon));

  root.command('migrate').description('bring the database schema up to date; create the cluster when there is none')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./migrate.ts')).migrateCommand(config, json)));

  root.command('check-config').description('check a configuration and name everything that is wrong with it')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./check-config.ts')).checkConfigCommand(config, json)));

  root.command('check-database').description('sign in to the database and say what was found; changes nothing')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./check-database.ts')).checkDatabaseCommand(config, json)));

  root.command('check-serving').description('prove that the running node serves; reads "user:password" on stdin')
    .addOption(configFile()).addOption(asJson())
    .option('--wait <seconds>', 'how long the node may take to serve', '30')
    .action(({ config, json = false, wait }: ConfigOption & JsonOption & ServingOption) =>
      run(json, async () => (await import('./check-serving.ts')).checkServingCommand(config, { json, waitSeconds: Number(wait) })));

  root.command('init-admin').description('create the first administrator and print the generated password, once')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./admin.ts')).initAdminCommand(config, json)));

  root.command('reset-admin').description('set and print a new password for the user admin')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./admin.ts')).resetAdminCommand(config, json)));

  root.command('balance').description('run the embedded balancer')
    .addOption(configFile())
    .action(({ config }: ConfigOption) => run(false, async () => (await import('../balancer/index.ts')).runBalancer(config)).finally(endSoon));

  root.command('version').description('print the version').addOption(asJson())
    .action(({ json = false }: JsonOption) => {
      say(json, { version, node: process.versions.node }, version);
    });
  root.version(version, '-V, --version');
  return root;
}

/** A service that has stopped ends, even if something was left open. */
function endSoon(): void {
  setTimeout(() => process.exit(), 1000).unref();
}

/** Runs the command line; the exit status is left in `process.exitCode`. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
