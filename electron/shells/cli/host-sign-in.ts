import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { BulkheadError, parseLogin, type HostAuth, type JumpHop } from '../../contract/index.ts';
import { secretFrom } from './secret-input.ts';

/** Options of the commands that say how to sign in on a host. */
export interface SignInOptions {
  readonly agent?: boolean;
  readonly identityAgent?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly passwordFile?: string;
  readonly passwordStdin?: boolean;
  readonly keyboardInteractive?: boolean;
  readonly sudoPasswordFile?: string;
  readonly jump?: string;
  readonly hostKeyAlias?: string;
}

export function withSignInOptions(command: Command): Command {
  return command
    .option('--key <file>', 'private key to sign in with')
    .option('--passphrase-file <file>', 'file that holds the passphrase of the key; "-" reads standard input')
    .option('--agent', 'keys of the agent that SSH_AUTH_SOCK names; so it is when nothing else is said')
    .option('--identity-agent <socket>', 'keys of the agent that listens at this socket')
    .option('--password-file <file>', 'file that holds the password to sign in with; "-" reads standard input')
    .addOption(new Option('--password-stdin', 'read the password to sign in with from standard input').conflicts('passwordFile'))
    .option('--keyboard-interactive', 'answer the questions of the host, one-time passwords for example')
    .option('--sudo-password-file <file>', 'file that holds the password for sudo, when it is another one; "-" reads standard input')
    .option('--jump <hosts>', 'hosts on the way, the first one first, with commas: names of known hosts, or user@host:port')
    .option('--host-key-alias <name>', 'the name under which the key of the host is known');
}

/** Everything that was asked for, in the order in which it is tried: key, agent, password, questions. Empty: nothing was said. */
export async function authsOf(options: SignInOptions): Promise<HostAuth[]> {
  if (options.passphraseFile !== undefined && options.key === undefined) throw new BulkheadError('ARGUMENT_INVALID', '--passphrase-file needs --key');
  const inputs = [options.passphraseFile, options.passwordStdin === true ? '-' : options.passwordFile, options.sudoPasswordFile].filter((file) => file === '-');
  if (inputs.length > 1) throw new BulkheadError('ARGUMENT_INVALID', 'Only one secret can be read from standard input');
  const passphrase = await secretFrom(options.passphraseFile);
  const password = await secretFrom(options.passwordStdin === true ? '-' : options.passwordFile);
  const auths: HostAuth[] = [];
  if (options.key !== undefined) auths.push({ kind: 'key', file: localPath(options.key), ...(passphrase === undefined ? {} : { passphrase }) });
  if (options.identityAgent !== undefined) auths.push({ kind: 'agent', socket: localPath(options.identityAgent) });
  else if (options.agent === true) auths.push({ kind: 'agent' });
  if (password !== undefined && options.keyboardInteractive !== true) auths.push({ kind: 'password', password });
  if (options.keyboardInteractive === true) auths.push({ kind: 'keyboard-interactive', ...(password === undefined ? {} : { password }) });
  return auths;
}

/** `bastion,user@host:port`: with a user it is written out, without it is the name of a known host. */
export function jumpOf(text: string): JumpHop[] {
  return text.split(',').map((part): JumpHop => {
    const hop = part.trim();
    return /[@:/]/.test(hop) ? parseLogin(hop) : { host: hop };
  });
}

/** A path as the control room takes it, whatever folder it runs in. */
export function localPath(path: string): string {
  return resolve(path.replace(/^~(?=\/)/, homedir()));
}
