import { Command } from 'commander';
import { BulkheadError, repositorySettings, type RepositoryEffect, type RepositorySettings } from '../../../contract/index.ts';
import { clusterOption, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { textOf } from '../local-files.ts';
import { table } from '../table.ts';

interface Shape extends ClusterChoice {
  readonly class?: string;
  readonly type?: string;
  readonly description?: string;
  readonly url?: string;
  readonly members?: string[];
  readonly deployTo?: string;
  readonly settings?: string;
}

/** `bulkhead repo …`: where artifacts live. */
export function repoCommand(context: CliContext): Command {
  const { output, signal } = context;
  const repo = new Command('repo').description('repositories: list, show, create, change, delete');

  repo.command('list').description('all of them, with what is in them').addOption(clusterOption()).action(async ({ cluster }: ClusterChoice) => {
    const list = await (await context.client()).call('repositories.list', { clusterId: cluster }, { signal });
    output.result(list, table(['key', 'class', 'type', 'files', 'bytes', 'address', 'description'],
      list.repositories.map(({ key, rclass, packageType, usage, url, description }) => [key, rclass, packageType, usage?.files ?? null, usage?.bytes ?? null, url, description])));
  });

  repo.command('show').description('its configuration, as Artifactory’s JSON').argument('<key>').addOption(clusterOption()).action(async (key: string, { cluster }: ClusterChoice) => {
    const settings = await (await context.client()).call('repositories.show', { clusterId: cluster, key }, { signal });
    output.result(settings, table(['field', 'value'], Object.entries(settings).map(([field, value]) => [field, typeof value === 'string' ? value : JSON.stringify(value)])));
  });

  withShape(repo.command('create').description('a new one').argument('<key>'))
    .option('--class <class>', 'local, remote or virtual').option('--type <type>', 'package type: generic, maven, npm, pypi, docker, helm')
    .action(async (key: string, shape: Shape) => {
      const made = await (await context.client()).call('repositories.create', { clusterId: shape.cluster, key, settings: await settingsOf(shape) }, { signal });
      output.result(made, `created ${key}`);
    });

  withShape(repo.command('change').description('change what is given; the rest stays').argument('<key>')).action(async (key: string, shape: Shape) => {
    const changed = await (await context.client()).call('repositories.change', { clusterId: shape.cluster, key, settings: await settingsOf(shape) }, { signal });
    output.result(changed, `changed ${key}`);
  });

  repo.command('delete').description('with everything in it; says what would break unless it is confirmed').argument('<key>').addOption(clusterOption()).option('--confirm <key>', 'the key again')
    .action(async (key: string, { cluster, confirm }: ClusterChoice & { confirm?: string }) => {
      const client = await context.client();
      if (confirm !== key) {
        const effect = await client.call('repositories.effect', { clusterId: cluster, key }, { signal });
        throw new BulkheadError('CONFIRMATION_NEEDED', effectText(effect), { details: effect, hint: `Repeat it with --confirm ${key}` });
      }
      await client.call('repositories.remove', { clusterId: cluster, key, confirm }, { signal });
      output.result({ key, deleted: true }, `deleted ${key}`);
    });
  return repo;
}

function withShape(command: Command): Command {
  return command.addOption(clusterOption()).option('--description <text>').option('--url <url>', 'upstream of a remote repository')
    .option('--members <keys...>', 'members of a virtual repository, in the order in which they are asked').option('--deploy-to <key>', 'member that takes what is deployed to a virtual repository')
    .option('--settings <file>', 'a file with more fields, as Artifactory’s JSON; "-" reads standard input');
}

async function settingsOf(shape: Shape): Promise<RepositorySettings> {
  const given = { rclass: shape.class, packageType: shape.type, description: shape.description, url: shape.url, repositories: shape.members, defaultDeploymentRepo: shape.deployTo };
  const fromFile = shape.settings === undefined ? {} : await settingsIn(shape.settings);
  return repositorySettings.parse({ ...fromFile, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) });
}

async function settingsIn(file: string): Promise<RepositorySettings> {
  const text = await textOf(file === '-' ? '/dev/stdin' : file);
  try {
    return repositorySettings.parse(JSON.parse(text));
  } catch (cause) {
    throw new BulkheadError('ARGUMENT_INVALID', `${file} is no JSON object of a repository`, { cause });
  }
}

function effectText({ key, usage, memberOf, deployTargetOf }: RepositoryEffect): string {
  const held = usage === null ? 'what is in it is not counted' : `${usage.files} files, ${usage.bytes} bytes`;
  const members = memberOf.length === 0 ? '' : `; ${memberOf.join(', ')} would lose a member`;
  const targets = deployTargetOf.length === 0 ? '' : `; deploys to ${deployTargetOf.join(', ')} would fail`;
  return `${key} would be deleted with everything in it: ${held}${members}${targets}`;
}
