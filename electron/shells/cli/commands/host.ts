import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { BulkheadError, type HostAuth, type HostReport, type HostSummary } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { secretFrom } from '../secret-input.ts';
import { table } from '../table.ts';

interface AddOptions {
  readonly name?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly passwordFile?: string;
  readonly sudoPasswordFile?: string;
}

/** `bulkhead host …`: the machines that nodes are put on. */
export function hostCommand(context: CliContext): Command {
  const { output, signal } = context;
  const host = new Command('host').description('machines that nodes are put on: add, trust, check, remove');

  host.command('add').description('write a host down; nothing is sent to it yet')
    .argument('<address>', 'user@host, or user@host:port')
    .option('--name <name>', 'what it is called, and its node after it; the first part of the address when left out')
    .option('--key <file>', 'private key to sign in with; the agent when neither key nor password is given')
    .option('--passphrase-file <file>', 'file that holds the passphrase of the key; "-" reads standard input')
    .option('--password-file <file>', 'file that holds the password to sign in with; "-" reads standard input')
    .option('--sudo-password-file <file>', 'file that holds the password for sudo, when it is another one; "-" reads standard input')
    .action(async (text: string, options: AddOptions) => {
      const address = parseAddress(text);
      const sudoPassword = await secretFrom(options.sudoPasswordFile);
      const added = await (await context.client()).call('hosts.add', {
        ...address,
        name: options.name ?? (/^[\d.]+$|:/.test(address.address) ? address.address.replaceAll(':', '-') : address.address.split('.')[0] ?? address.address),
        auth: await authOf(options),
        ...(sudoPassword === undefined ? {} : { sudoPassword }),
      }, { signal });
      output.result(added, `added ${added.name}; next: bulkhead host trust ${added.name}`);
    });

  host.command('list').description('all hosts, and the nodes on them').action(async () => {
    const hosts = await (await context.client()).call('hosts.list', {}, { signal });
    output.result(hosts, table(['name', 'address', 'sign-in', 'node'], hosts.map((each) => [each.name, addressText(each), each.auth, each.node?.nodeId ?? null])));
  });

  host.command('trust').description('show the key of a host, and trust it')
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
        return output.result(report, `${report.state === 'changed' ? `THE KEY HAS CHANGED. It was ${report.known.join(', ')}\n` : ''}${hostId} shows ${type} ${fingerprint}
Compare it with what this prints on the host itself:  ${report.command ?? ''}
Then:  bulkhead host trust ${hostId} --fingerprint ${fingerprint}${report.state === 'changed' ? ' --replace' : ''}`);
      }
      await client.call('hosts.trust', { hostId, fingerprint: wanted, replace: options.replace === true }, { signal });
      output.result({ ...report, state: 'trusted' }, `trusted ${type} ${fingerprint}`);
    });

  host.command('check').description('every check that provisioning makes first; changes nothing')
    .argument('<host>')
    .option('--cluster <name>', 'also what this cluster needs of the host')
    .action(async (hostId: string, options: { cluster?: string }) => {
      const report = await (await context.client()).call('hosts.check', { hostId, ...(options.cluster === undefined ? {} : { clusterId: options.cluster }) }, { signal });
      if (report.checks.some(({ status }) => status === 'failed')) context.outcome.exitCode = exitCodes.refused;
      output.result(report, reportText(report));
    });

  host.command('remove').description('forget a host that carries no node').argument('<host>').action(async (hostId: string) => {
    await (await context.client()).call('hosts.remove', { hostId }, { signal });
    output.result({}, `forgot ${hostId}`);
  });
  return host;
}

function parseAddress(text: string): { user: string; address: string; port: number } {
  const found = /^([^@\s]+)@(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?$/.exec(text);
  const address = found?.[2] ?? found?.[3];
  if (found?.[1] === undefined || address === undefined) throw new BulkheadError('ARGUMENT_INVALID', `"${text}" is not user@host or user@host:port`);
  return { user: found[1], address, port: Number(found[4] ?? 22) };
}

async function authOf({ key, passphraseFile, passwordFile }: AddOptions): Promise<HostAuth> {
  const password = await secretFrom(passwordFile);
  if (password !== undefined) return { kind: 'password', password };
  if (key === undefined) return { kind: 'agent' };
  const passphrase = await secretFrom(passphraseFile);
  return { kind: 'key', file: resolve(key.replace(/^~(?=\/)/, homedir())), ...(passphrase === undefined ? {} : { passphrase }) };
}

function addressText({ user, address, port }: HostSummary): string {
  return `${user}@${address.includes(':') ? `[${address}]` : address}${port === 22 ? '' : `:${port}`}`;
}

function reportText({ checks }: HostReport): string {
  const fixes = checks.flatMap(({ id, fixes: all }) => all.map((fix) => `  ${id}: ${fix}`));
  const list = table(['status', 'check', 'found'], checks.map(({ status, stops, id, found }) => [stops ? 'accept?' : status, id, found]));
  return fixes.length === 0 ? list : `${list}\n\nTo mend:\n${fixes.join('\n')}`;
}
