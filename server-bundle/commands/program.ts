import { Command, CommanderError, Option } from 'commander';
import { version } from '../version.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { run, say } from './output.ts';

interface ConfigOption { readonly config: string }
interface JsonOption { readonly json?: boolean }
interface ServingOption { readonly wait: string; readonly trial?: boolean }

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
    .option('--trial', 'also while it is drained, and without a password: for whoever owns this configuration')
    .action(({ config, json = false, wait, trial = false }: ConfigOption & JsonOption & ServingOption) =>
      run(json, async () => (await import('./check-serving.ts')).checkServingCommand(config, { json, trial, waitSeconds: Number(wait) })));

  root.command('check-credentials').description('which cluster keys and database passwords the running node holds; reads "user:password" on stdin')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./check-credentials.ts')).checkCredentialsCommand(config, json)));

  root.command('set-database-password').description('give the database role the password that stands on stdin')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./set-database-password.ts')).setDatabasePasswordCommand(config, json)));

  cluster(root);

  root.command('init-admin').description('create the first administrator and print the generated password, once')
    .addOption(configFile()).addOption(asJson())
    .option('--password-stdin', 'take the password from standard input in place of a generated one; again with the same one, it changes nothing')
    .action(({ config, json = false, passwordStdin = false }: ConfigOption & JsonOption & { passwordStdin?: boolean }) =>
      run(json, async () => (await import('./admin.ts')).initAdminCommand(config, json, passwordStdin)));

  root.command('reset-admin').description('set and print a new password for the user admin')
    .addOption(configFile()).addOption(asJson())
    .action(({ config, json = false }: ConfigOption & JsonOption) =>
      run(json, async () => (await import('./admin.ts')).resetAdminCommand(config, json)));

  root.command('balance').description('run the embedded balancer')
    .addOption(configFile())
    .action(({ config }: ConfigOption) => run(false, async () => (await import('../balancer/index.ts')).runBalancer(config)).finally(endSoon));

  root.command('work', { hidden: true }).description('a worker process of a node: started by `serve`, never by hand')
    .action(() => run(false, async () => (await import('./work.ts')).workCommand()));

  root.command('version').description('print the version, and the schema that this bundle knows').addOption(asJson())
    .action(async ({ json = false }: JsonOption) => {
      const { latest } = await import('../metadata/migrator.ts');
      say(json, { version, node: process.versions.node, schema: latest() }, version);
    });
  root.version(version, '-V, --version');
  return root;
}

/** A service that has stopped ends, even if something was left open. */
function endSoon(): void {
  setTimeout(() => process.exit(), 1000).unref();
}

interface NodeOption { readonly node: string }
interface ByOption { readonly by: string }
interface DrainOption { readonly deadline: string; readonly until?: string; readonly wait?: string; readonly kind: 'drain' | 'upgrade' | 'maintenance'; readonly note: string }

/** What the owner of a host may tell the cluster through its database, whether a node runs there or not. */
function cluster(root: Command): void {
  const group = root.command('cluster').description('the cluster of this configuration, through its database: status, drain, forget, upgrade runs');
  const add = (name: string, description: string): Command => group.command(name).description(description).addOption(configFile()).addOption(asJson());
  const node = (): Option => new Option('--node <id>', 'which node').makeOptionMandatory();
  const by = (): Option => new Option('--by <who>', 'who says so').default('bulkhead-node');
  const load = async () => import('./cluster.ts');

  add('status', 'members, budget, schema, and runs of upgrades')
    .action(({ config }: ConfigOption) => run(true, async () => (await load()).statusCommand(config)));
  add('drain', 'drain a node').addOption(node()).addOption(by())
    .option('--deadline <seconds>', 'requests may take this long to finish', '60')
    .option('--until <seconds>', 'the node serves again by itself after this time')
    .option('--wait <seconds>', 'wait until it is drained')
    .option('--kind <kind>', 'drain, upgrade or maintenance', 'drain').option('--note <text>', 'why', '')
    .action(({ config, json = false, node: nodeId, by: who, deadline, until, wait, kind, note }: ConfigOption & JsonOption & NodeOption & ByOption & DrainOption) =>
      run(json, async () => (await load()).drainCommand(config, json, {
        nodeId, by: who, deadlineSeconds: Number(deadline), untilSeconds: until === undefined ? null : Number(until), waitSeconds: Number(wait ?? 0), kind, note,
      })));
  add('undrain', 'let a node serve again').addOption(node()).option('--wait <seconds>', 'wait until it serves')
    .action(({ config, json = false, node: nodeId, wait }: ConfigOption & JsonOption & NodeOption & { wait?: string }) =>
      run(json, async () => (await load()).undrainCommand(config, json, nodeId, Number(wait ?? 0))));
  add('forget', 'a node that is gone for good may not come back').addOption(node()).addOption(by())
    .action(({ config, json = false, node: nodeId, by: who }: ConfigOption & JsonOption & NodeOption & ByOption) =>
      run(json, async () => (await load()).forgetCommand(config, json, nodeId, who)));
  add('admit', 'let a forgotten node in again').addOption(node()).addOption(by())
    .action(({ config, json = false, node: nodeId, by: who }: ConfigOption & JsonOption & NodeOption & ByOption) =>
      run(json, async () => (await load()).admitCommand(config, json, nodeId, who)));
  for (const [name, description] of [['begin', 'begin an upgrade'], ['take', 'take an upgrade over'], ['write', 'write its progress down'], ['pause', 'ask its holder to pause']] as const) {
    add(`run-${name}`, `${description}; reads JSON on stdin`)
      .action(({ config }: ConfigOption) => run(true, async () => (await load()).runCommand(config, name)));
  }
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
