import { Command, InvalidArgumentError } from 'commander';
import { accessAction, accessRole, type AccessAction, type AccessRole, type PermissionGrant } from '../../../contract/index.ts';
import { clusterOption, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { secretFrom } from '../secret-input.ts';
import { table } from '../table.ts';

interface UserOptions extends ClusterChoice {
  readonly role?: AccessRole;
  readonly email?: string;
  readonly groups?: string[];
  readonly passwordFile?: string;
  readonly disable?: boolean;
  readonly enable?: boolean;
}

/** `bulkhead user …`: accounts of a cluster. */
export function userCommand(context: CliContext): Command {
  const { output, signal } = context;
  const user = new Command('user').description('accounts: list, create, change, unlock, remove');
  user.command('list').description('all of them').addOption(clusterOption()).action(async ({ cluster }: ClusterChoice) => {
    const list = await (await context.client()).call('users.list', { clusterId: cluster }, { signal });
    output.result(list, table(['name', 'role', 'groups', 'password', 'state', 'email'], list.map(({ name, role, groups, hasPassword, disabled, locked, email }) => [name, role, groups.join(' '), hasPassword ? 'yes' : 'no', disabled ? 'disabled' : locked ? 'locked' : 'enabled', email])));
  });
  const shaped = (command: Command): Command => command.argument('<name>').addOption(clusterOption()).option('--role <role>', 'admin, deployer, reader or user', role).option('--email <address>')
    .option('--groups <names...>', 'the groups that it belongs to').option('--password-file <file>', '"-" reads standard input; without one it logs in with tokens only');
  shaped(user.command('create').description('a new one')).action(async (name: string, { cluster, passwordFile, role: given = 'user', email, groups }: UserOptions) => {
    const password = await secretFrom(passwordFile);
    await (await context.client()).call('users.create', { clusterId: cluster, name, role: given, ...(email === undefined ? {} : { email }), ...(groups === undefined ? {} : { groups }), ...(password === undefined ? {} : { password }) }, { signal });
    output.result({ name }, `created ${name}`);
  });
  shaped(user.command('change').description('what is given; the rest stays')).option('--disable', 'no login, no token of it is accepted').option('--enable').action(async (name: string, options: UserOptions) => {
    const { cluster, passwordFile, role: given, email, groups, disable, enable } = options;
    const password = await secretFrom(passwordFile);
    const change = { role: given, email, groups, password, disabled: disable === true ? true : enable === true ? false : undefined };
    await (await context.client()).call('users.change', { clusterId: cluster, name, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) }, { signal });
    output.result({ name }, `changed ${name}`);
  });
  user.command('unlock').description('its password is accepted again, after too many wrong ones').argument('<name>').addOption(clusterOption()).action(async (name: string, { cluster }: ClusterChoice) => {
    await (await context.client()).call('users.unlock', { clusterId: cluster, name }, { signal });
    output.result({ name }, `unlocked ${name}`);
  });
  user.command('remove').description('with its tokens').argument('<name>').addOption(clusterOption()).action(async (name: string, { cluster }: ClusterChoice) => {
    await (await context.client()).call('users.remove', { clusterId: cluster, name }, { signal });
    output.result({ name }, `removed ${name}`);
  });
  return user;
}

/** `bulkhead group …`. */
export function groupCommand(context: CliContext): Command {
  const { output, signal } = context;
  const group = new Command('group').description('groups of users: list, save, remove');
  group.command('list').description('all of them').addOption(clusterOption()).action(async ({ cluster }: ClusterChoice) => {
    const list = await (await context.client()).call('groups.list', { clusterId: cluster }, { signal });
    output.result(list, table(['name', 'members', 'joins', 'admin', 'description'], list.map(({ name, members, autoJoin, adminPrivileges, description }) => [name, members.join(' '), autoJoin ? 'by itself' : '', adminPrivileges ? 'yes' : 'no', description])));
  });
  group.command('save').description('create it, or replace it').argument('<name>').addOption(clusterOption()).option('--members <users...>', '', [] as unknown as string).option('--description <text>', '', '').option('--auto-join', 'new users join by themselves').option('--admin', 'members may everything')
    .action(async (name: string, { cluster, members, description, autoJoin = false, admin = false }: ClusterChoice & { members: string[]; description: string; autoJoin?: boolean; admin?: boolean }) => {
      await (await context.client()).call('groups.save', { clusterId: cluster, group: { name, description, members: [...members], autoJoin, adminPrivileges: admin } }, { signal });
      output.result({ name }, `saved ${name}`);
    });
  group.command('remove').argument('<name>').description('its members stay').addOption(clusterOption()).action(async (name: string, { cluster }: ClusterChoice) => {
    await (await context.client()).call('groups.remove', { clusterId: cluster, name }, { signal });
    output.result({ name }, `removed ${name}`);
  });
  return group;
}

interface TargetOptions extends ClusterChoice {
  readonly repos: string[];
  readonly include?: string[];
  readonly exclude?: string[];
  readonly user?: string[];
  readonly group?: string[];
}

/** `bulkhead permission …`: who may what, where. */
export function permissionCommand(context: CliContext): Command {
  const { output, signal } = context;
  const permission = new Command('permission').description('permission targets: list, save, remove, explain');
  permission.command('list').description('all of them').addOption(clusterOption()).action(async ({ cluster }: ClusterChoice) => {
    const list = await (await context.client()).call('permissions.list', { clusterId: cluster }, { signal });
    output.result(list, table(['name', 'repositories', 'paths', 'not', 'who'], list.map(({ name, repositories, includes, excludes, grants }) => [name, repositories.join(' '), includes.join(' '), excludes.join(' '), grants.map((grant) => `${grant.kind === 'group' ? '@' : ''}${grant.name}=${grant.actions.join('+')}`).join(' ')])));
  });
  permission.command('save').description('create it, or replace it; holds on every node when this returns').argument('<name>').addOption(clusterOption())
    .requiredOption('--repos <keys...>', 'keys, ANY, "ANY LOCAL" or "ANY REMOTE"').option('--include <patterns...>', 'Ant patterns; every path when left out').option('--exclude <patterns...>')
    .option('--user <grants...>', 'for example ci=read,deploy').option('--group <grants...>', 'for example team=read,annotate,deploy,delete')
    .action(async (name: string, { cluster, repos, include = [], exclude = [], user = [], group = [] }: TargetOptions) => {
      const target = { name, repositories: repos, includes: include, excludes: exclude, grants: [...user.map((text) => grantOf('user', text)), ...group.map((text) => grantOf('group', text))] };
      await (await context.client()).call('permissions.save', { clusterId: cluster, target }, { signal });
      output.result(target, `saved ${name}`);
    });
  permission.command('remove').argument('<name>').description('takes away what it gives').addOption(clusterOption()).action(async (name: string, { cluster }: ClusterChoice) => {
    await (await context.client()).call('permissions.remove', { clusterId: cluster, name }, { signal });
    output.result({ name }, `removed ${name}`);
  });
  permission.command('explain').description('why a user may do something, or not').argument('<user>').argument('<action>', 'read, annotate, deploy, delete or manage', action).argument('<place>', 'repository, or repository/path').addOption(clusterOption())
    .action(async (user: string, what: AccessAction, place: string, { cluster }: ClusterChoice) => {
      const [repository = '', ...path] = place.split('/');
      const answer = await (await context.client()).call('access.explain', { clusterId: cluster, user, action: what, repository, path: path.join('/') }, { signal });
      const because = [...answer.shutOut === null ? [] : [answer.shutOut], ...answer.reasons.map(({ text }) => text), ...answer.missing.map(({ text }) => text)];
      output.result(answer, [`${user} ${answer.allowed ? 'may' : 'may not'} ${what} ${place}`, ...because.map((text) => `  ${text}`)].join('\n'));
      if (!answer.allowed) context.outcome.exitCode = exitCodes.refused;
    });
  return permission;
}

/** `bulkhead token …`: shown once, kept as a hash. */
export function tokenCommand(context: CliContext): Command {
  const { output, signal } = context;
  const token = new Command('token').description('access tokens: list, create, revoke');
  token.command('list').description('those that are valid').addOption(clusterOption()).action(async ({ cluster }: ClusterChoice) => {
    const list = await (await context.client()).call('tokens.list', { clusterId: cluster }, { signal });
    output.result(list, list.length === 0 ? 'no token is valid' : table(['id', 'user', 'made', 'expires', 'what for'], list.map(({ tokenId, user, issuedAt, expiresAt, description }) => [tokenId, user, new Date(issuedAt).toISOString(), expiresAt === null ? 'never' : new Date(expiresAt).toISOString(), description])));
  });
  token.command('create').description('prints it once').argument('<user>').addOption(clusterOption()).option('--description <text>', '', '').option('--days <n>', '0: until it is revoked', days, 30)
    .action(async (user: string, { cluster, description, days: count }: ClusterChoice & { description: string; days: number }) => {
      const made = await (await context.client()).call('tokens.create', { clusterId: cluster, user, description, expiresInSeconds: count * 86_400 }, { signal });
      output.result(made, made.accessToken);
    });
  token.command('revoke').description('it is refused everywhere when this returns').argument('<id>').addOption(clusterOption()).action(async (tokenId: string, { cluster }: ClusterChoice) => {
    await (await context.client()).call('tokens.revoke', { clusterId: cluster, tokenId }, { signal });
    output.result({ tokenId }, 'revoked');
  });
  return token;
}

function role(text: string): AccessRole {
  const parsed = accessRole.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`one of ${accessRole.options.join(', ')}.`);
  return parsed.data;
}

function action(text: string): AccessAction {
  const parsed = accessAction.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`one of ${accessAction.options.join(', ')}.`);
  return parsed.data;
}

function days(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > 3650) throw new InvalidArgumentError('a number of days up to 3650.');
  return Number(text);
}

function grantOf(kind: PermissionGrant['kind'], text: string): PermissionGrant {
  const [name = '', actions = ''] = text.split('=');
  if (name === '' || actions === '') throw new InvalidArgumentError(`"${text}": say NAME=read,deploy.`);
  return { kind, name, actions: actions.split(',').map(action) };
}
