import { Command, Option } from 'commander';
import { BulkheadError, type ArgsOf } from '../../../contract/index.ts';
import { balancerFrom } from '../balancer-options.ts';
import type { CliContext } from '../cli-context.ts';
import { requireYes, yesOption } from '../confirmed.ts';
import { provisionNodes, sayingHowToGoOn, tellPlans } from '../provision-nodes.ts';
import { scriptOption } from '../script-option.ts';
import { secretFrom } from '../secret-input.ts';
import { table } from '../table.ts';
import { foundText } from '../found-text.ts';
import { addSecretCommands } from './cluster-secrets.ts';

interface CreateOptions {
  readonly databaseHost: string;
  readonly databasePort: string;
  readonly databaseName: string;
  readonly databaseUser: string;
  readonly databasePasswordFile?: string;
  readonly filestore: string;
  readonly port: string;
  readonly baseUrl?: string;
  readonly trustedProxy?: string[];
  readonly serviceUid: string;
  readonly nodes?: string[];
  readonly balancer?: string;
  readonly accept?: string[];
  readonly plan?: boolean;
  readonly script?: boolean;
}

/** `bulkhead cluster …`: what the nodes of a cluster share. */
export function clusterCommand(context: CliContext): Command {
  const { output, signal } = context;
  const cluster = new Command('cluster').description('clusters on hosts: create, list, forget');

  cluster.command('create').description('write a cluster down and make its key; with --nodes, make serving nodes of hosts at once')
    .argument('<name>')
    .requiredOption('--database-host <host>', 'PostgreSQL 14 or newer, as the hosts reach it')
    .option('--database-port <port>', '', '5432')
    .option('--database-name <name>', '', 'bulkhead')
    .option('--database-user <role>', 'owner of the database', 'bulkhead')
    .option('--database-password-file <file>', 'file that holds the password of the role; "-" reads standard input')
    .requiredOption('--filestore <path>', 'folder on the share that all hosts have mounted at the same path')
    .option('--port <port>', 'every node listens on it', '8081')
    .option('--base-url <url>', 'public address, usually the balancer\'s; the first node\'s when left out')
    .addOption(new Option('--trusted-proxy <address...>', 'addresses or ranges of balancers'))
    .option('--service-uid <number>', 'uid and gid of the service user, the same on all hosts', '8081')
    .option('--nodes <host...>', 'hosts that become nodes at once, as "bulkhead node provision" makes them; without it no host is touched')
    .option('--balancer <host=product>', 'with --nodes: what stands in front, for example "front-1=nginx"')
    .option('--accept <check...>', 'with --nodes: names of checks whose warnings are taken on')
    .option('--plan', 'with --nodes: show every command and file, and do and write nothing')
    .addOption(scriptOption())
    .action(async (name: string, options: CreateOptions) => {
      const { nodes: hosts = [], plan, script, databasePasswordFile } = options;
      const [needs] = (['balancer', 'accept', 'plan'] as const).filter((each) => options[each] !== undefined);
      if (needs !== undefined && hosts.length === 0) throw new BulkheadError('ARGUMENT_INVALID', `--${needs} needs --nodes`);
      const balancer = options.balancer === undefined ? undefined : balancerFrom(options.balancer);
      const client = await context.client();
      const settings = settingsOf(name, options);
      // also the check of all that is named here: what is misspelt is found out while nothing is written
      const plans = hosts.length === 0 ? [] : await client.call('newCluster.plan', {
        cluster: settings, hasDatabasePassword: databasePasswordFile !== undefined, hostIds: hosts, ...(balancer === undefined ? {} : { balancer }),
      }, { signal });
      if (plan === true) return tellPlans(context, plans, script === true);
      const databasePassword = await secretFrom(databasePasswordFile);
      const created = await client.call('clusters.create', { ...settings, ...(databasePassword === undefined ? {} : { databasePassword }) }, { signal });
      if (hosts.length === 0) return output.result(created, `created ${name}; next: bulkhead node provision --cluster ${name} HOST …`);
      output.progress(`created ${name}`);
      const wanted = { cluster: name, hosts, balancer, accept: options.accept ?? [] };
      await sayingHowToGoOn(wanted, () => provisionNodes(context, wanted));
    });

  cluster.command('list').description('clusters on hosts').action(async () => {
    const clusters = await (await context.client()).call('clusters.lan', {}, { signal });
    output.result(clusters, table(
      ['name', 'address', 'database', 'filestore', 'nodes'],
      clusters.map(({ settings, nodes }) => [
        settings.name, settings.baseUrl ?? null, `${settings.database.name} at ${settings.database.host}:${settings.database.port}`, settings.filestore,
        nodes.map(({ nodeId }) => nodeId).join(' ') || null,
      ]),
    ));
  });

  cluster.command('password').description('tell the app the administrator\'s password of a cluster that has one already')
    .argument('<name>')
    .requiredOption('--password-file <file>', 'file that holds it; "-" reads standard input')
    .action(async (clusterId: string, options: { passwordFile: string }) => {
      await (await context.client()).call('clusters.password', { clusterId, password: await secretFrom(options.passwordFile) ?? '' }, { signal });
      output.result({}, 'kept, encrypted');
    });

  cluster.command('new-password').description('give the administrator a new password, and show it this once')
    .argument('<name>')
    .action(async (clusterId: string) => {
      const fresh = await (await context.client()).call('users.newAdminPassword', { clusterId }, { signal });
      output.result(fresh, `user      ${fresh.user}\npassword  ${fresh.password}`);
    });

  cluster.command('adopt').description('take over a cluster that another desktop has made, from one of its hosts')
    .argument('<host>')
    .option('--password-file <file>', 'the administrator\'s password; "-" reads standard input')
    .option('--look', 'only show what is found and what would be taken over')
    .option('--reset-admin', 'break-glass: set a new password for the administrator on the host')
    .action(async (hostId: string, options: { passwordFile?: string; resetAdmin?: boolean; look?: boolean }) => {
      if (options.look === true) {
        const found = await (await context.client()).call('clusters.look', { hostId }, { signal });
        return output.result(found, foundText(found));
      }
      const adminPassword = await secretFrom(options.passwordFile);
      const adopted = await (await context.client()).call('clusters.adopt', {
        hostId, resetAdmin: options.resetAdmin === true, ...(adminPassword === undefined ? {} : { adminPassword }),
      }, { signal });
      const nodes = table(['node', 'address', 'host', 'note'], adopted.nodes.map(({ nodeId, address, state, note }) => [nodeId, address, state, note]));
      const run = adopted.run === null ? '' : `\nan upgrade is under way: bulkhead run show ${adopted.run.slice(0, 8)} --cluster ${adopted.cluster.settings.name}`;
      const { name, trustedProxies } = adopted.cluster.settings;
      const known = await (await context.client()).call('balancers.list', { clusterId: adopted.cluster.clusterId }, { signal });
      const balancers = trustedProxies.length === 0 || known.length > 0 ? '' : `\nrequests come through ${trustedProxies.join(', ')}: a balancer there is kept in step by this app too once it is told of it, with the options that it has:  bulkhead balancer apply HOST --cluster ${name} --product PRODUCT`;
      output.result(adopted, `adopted ${name}; administrator: ${adopted.admin}\n${nodes}${run}${balancers}`);
    });

  addSecretCommands(cluster, context);

  cluster.command('forget').description('forget a cluster that has no nodes any more; database and filestore stay').argument('<name>').addOption(yesOption()).action(async (clusterId: string, { yes }: { yes?: boolean }) => {
    requireYes(yes, `The key of ${clusterId} and the password of its administrator are deleted here`, 'A copy of the key is made with "bulkhead cluster copy-key". ');
    await (await context.client()).call('clusters.forget', { clusterId }, { signal });
    output.result({}, `forgot ${clusterId}`);
  });
  return cluster;
}

/** @throws ARGUMENT_INVALID by the contract, with the path of what it does not take */
function settingsOf(name: string, options: CreateOptions): Omit<ArgsOf<'clusters.create'>, 'databasePassword'> {
  return {
    name,
    database: { host: options.databaseHost, port: Number(options.databasePort), name: options.databaseName, user: options.databaseUser },
    filestore: options.filestore,
    nodePort: Number(options.port),
    serviceUid: Number(options.serviceUid),
    serviceGid: Number(options.serviceUid),
    ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
    ...(options.trustedProxy === undefined ? {} : { trustedProxies: options.trustedProxy }),
  };
}
