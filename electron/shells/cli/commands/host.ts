import { Command } from 'commander';
import { BulkheadError, parseLogin, suggestedHostName, type HostChanges } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { authsOf, jumpOf, withSignInOptions, type SignInOptions } from '../host-sign-in.ts';
import { hostTable, reportText, testText } from '../host-text.ts';
import { secretFrom } from '../secret-input.ts';
import { printable } from '../table.ts';
import { addTransferCommands } from './host-transfer.ts';

interface EditOptions extends Omit<SignInOptions, 'jump'> {
  readonly name?: string;
  readonly address?: string;
  /** false: `--no-jump` */
  readonly jump?: string | false;
  readonly forgetSudoPassword?: boolean;
  readonly test: boolean;
  readonly installKey?: boolean;
  readonly replaceKey?: boolean;
}

/** `bulkhead host …`: the machines that nodes are put on. */
export function hostCommand(context: CliContext): Command {
  const { output, signal } = context;
  const host = new Command('host').description('machines that nodes are put on: add, trust, test, check, edit, import, export, remove');

  withSignInOptions(host.command('add').description('write a host down; nothing is sent to it yet')
    .argument('<address>', 'user@host, user@host:port, user@[IPv6]:port or ssh://user@host:port')
    .option('--name <name>', 'what it is called, and its node after it; the first part of the address when left out'))
    .action(async (text: string, options: SignInOptions & { name?: string }) => {
      const login = parseLogin(text);
      const [auth = { kind: 'agent' } as const, ...fallbacks] = await authsOf(options);
      const sudoPassword = await secretFrom(options.sudoPasswordFile);
      const added = await (await context.client()).call('hosts.add', {
        ...login,
        name: options.name ?? suggestedHostName(login.address),
        auth,
        ...(fallbacks.length === 0 ? {} : { fallbacks }),
        ...(options.jump === undefined ? {} : { jump: jumpOf(options.jump) }),
        ...(options.hostKeyAlias === undefined ? {} : { hostKeyAlias: options.hostKeyAlias }),
        ...(sudoPassword === undefined ? {} : { sudoPassword }),
      }, { signal });
      output.result(added, `added ${added.name}; next: bulkhead host trust ${added.name}`);
    });

  host.command('list').description('all hosts, and the nodes on them').action(async () => {
    const hosts = await (await context.client()).call('hosts.list', {}, { signal });
    output.result(hosts, hostTable(hosts));
  });

  host.command('trust').description('show the key of a host, or of the first one on the way that is not trusted, and trust it')
    .argument('<host>')
    .option('--fingerprint <text>', 'trust the key only if it is this one')
    .option('--replace', 'put it in the place of the key that was trusted before')
    .option('--yes', 'trust what the host shows, without having compared it')
    .action(async (hostId: string, options: { fingerprint?: string; replace?: boolean; yes?: boolean }) => {
      const client = await context.client();
      const report = await client.call('hosts.key', { hostId }, { signal });
      if (report.key === null) return output.result(report, `the key of ${hostId} is trusted`);
      const { type, fingerprint } = report.key;
      const wanted = options.fingerprint ?? (options.yes === true ? fingerprint : undefined);
      if (wanted === undefined) {
        context.outcome.exitCode = exitCodes.refused;
        return output.result(report, `${report.state === 'changed' ? `THE KEY HAS CHANGED. It was ${report.known.join(', ')}\n` : ''}${report.hop} shows ${type} ${fingerprint}
${report.authority === null ? '' : `A certificate authority is named for it (${report.authority}), but ${printable(report.why ?? 'it does not vouch for the key')}: have that mended, or trust the key itself.\n`}Compare it with what this prints on the host itself:  ${report.command ?? ''}
Then:  bulkhead host trust ${hostId} --fingerprint ${fingerprint}${report.state === 'changed' ? ' --replace' : ''}`);
      }
      await client.call('hosts.trust', { hostId, fingerprint: wanted, replace: options.replace === true }, { signal });
      output.result({ ...report, state: 'trusted' }, `trusted ${type} ${fingerprint} of ${report.hop}`);
    });

  host.command('test').description('sign in: what was tried on each host of the way, how to become root, what the host is; changes nothing')
    .argument('<host>')
    .action(async (hostId: string) => {
      const report = await (await context.client()).call('hosts.test', { hostId }, { signal });
      if (!report.ok) context.outcome.exitCode = report.failure === null ? exitCodes.refused : exitCodeOf(report.failure.code);
      output.result(report, testText(report));
    });

  host.command('check').description('every check that provisioning makes first; changes nothing')
    .argument('<host>')
    .option('--cluster <name>', 'also what this cluster needs of the host')
    .action(async (hostId: string, options: { cluster?: string }) => {
      const report = await (await context.client()).call('hosts.check', { hostId, ...(options.cluster === undefined ? {} : { clusterId: options.cluster }) }, { signal });
      if (report.checks.some(({ status }) => status === 'failed')) context.outcome.exitCode = exitCodes.refused;
      output.result(report, reportText(report));
    });

  withSignInOptions(host.command('edit').description('change a host; a new way to sign in is tried before the old one is forgotten')
    .argument('<host>')
    .option('--name <name>', 'call it otherwise')
    .option('--address <address>', 'user@host:port'))
    .option('--no-jump', 'reach it directly')
    .option('--forget-sudo-password', 'keep no password for sudo')
    .option('--no-test', 'believe that it is right')
    .option('--install-key', 'put the public half of the new --key into authorized_keys first, over the old way')
    .option('--replace-key', 'the same, and take the line of the old key away once the new one was let in')
    .action(async (hostId: string, options: EditOptions) => {
      const changes = await changesOf(options);
      if (Object.keys(changes).length === 0) throw new BulkheadError('ARGUMENT_INVALID', 'Nothing is said that would change', { hint: 'See "bulkhead host edit --help".' });
      const authorizedKey = options.replaceKey === true ? 'replace' : options.installKey === true ? 'add' : 'leave';
      const edited = await (await context.client()).call('hosts.edit', { hostId, changes, test: options.test, authorizedKey }, { signal });
      const { added, removed } = edited.authorizedKeys;
      output.result(edited, [`changed ${edited.host.name}`, ...(added === null ? [] : [`installed ${added}`]), ...(removed === null ? [] : [`removed ${removed}`])].join('\n'));
    });

  host.command('remove').description('forget a host that carries no node').argument('<host>').action(async (hostId: string) => {
    await (await context.client()).call('hosts.remove', { hostId }, { signal });
    output.result({}, `forgot ${hostId}`);
  });

  addTransferCommands(host, context);
  return host;
}

async function changesOf(options: EditOptions): Promise<HostChanges> {
  const { jump, name, address, hostKeyAlias, forgetSudoPassword, sudoPasswordFile, ...signIn } = options;
  const [auth, ...fallbacks] = await authsOf({ ...signIn, ...(sudoPasswordFile === undefined ? {} : { sudoPasswordFile }) });
  const sudoPassword = forgetSudoPassword === true ? null : await secretFrom(sudoPasswordFile);
  return {
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : parseLogin(address)),
    ...(auth === undefined ? {} : { auth, fallbacks }),
    ...(jump === undefined ? {} : { jump: jump === false ? [] : jumpOf(jump) }),
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    ...(sudoPassword === undefined ? {} : { sudoPassword }),
  };
}
