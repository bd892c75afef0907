import { hostAddressText, newHost, parseHostAddress, parseLogin, suggestedHostName, type ArgsOf, type HostAuthKind, type JumpHop } from '../../electron/contract/index.ts';
import { asFailure } from '../format/failures.ts';

/** A host that is being added; all text as it was typed. */
export interface HostDraft {
  name: string;
  address: string;
  port: string;
  user: string;
  auth: HostAuthKind;
  keyFile: string;
  passphrase: string;
  password: string;
  socket: string;
  sudoPassword: string;
  /** the first one is connected to first: a name of the inventory, or user@host:port */
  jump: string[];
}
export type HostField = Exclude<keyof HostDraft, 'jump'> | 'jump';

export function emptyHost(): HostDraft {
  return { name: '', address: '', port: '22', user: '', auth: 'agent', keyFile: '', passphrase: '', password: '', socket: '', sudoPassword: '', jump: [] };
}

/** Takes `user@host:port` apart into the fields. Returns what is wrong with it; null when it was taken. */
export function takePasted(draft: HostDraft, text: string): string | null {
  try {
    const { user, address, port } = parseHostAddress(text);
    const suggested = draft.name === '' || draft.name === suggestedHostName(draft.address);
    Object.assign(draft, { address, port: String(port), ...(user === null ? {} : { user }), ...(suggested ? { name: suggestedHostName(address) } : {}) });
    return null;
  } catch (error) {
    return asFailure(error).message;
  }
}

/** The host as the control room takes it; not checked. */
export function toNewHost(draft: HostDraft, known: readonly string[]): ArgsOf<'hosts.add'> {
  const { name, address, port, user, sudoPassword, jump } = draft;
  return {
    name: name.trim(), address: address.trim(), port: /^\s*\d+\s*$/.test(port) ? Number(port) : Number.NaN, user: user.trim(), auth: authOf(draft),
    ...(jump.length === 0 ? {} : { jump: jump.map((hop) => hopOf(hop, known)) }),
    ...(sudoPassword === '' ? {} : { sudoPassword }),
  };
}

function authOf({ auth, keyFile, passphrase, password, socket }: HostDraft): ArgsOf<'hosts.add'>['auth'] {
  switch (auth) {
    case 'agent':
      return { kind: auth, ...(socket.trim() === '' ? {} : { socket: socket.trim() }) };
    case 'key':
      return { kind: auth, file: keyFile.trim(), ...(passphrase === '' ? {} : { passphrase }) };
    case 'password':
      return { kind: auth, password };
    case 'keyboard-interactive':
      return { kind: auth, ...(password === '' ? {} : { password }) };
  }
}

function hopOf(hop: string, known: readonly string[]): JumpHop {
  if (known.includes(hop.trim())) return { host: hop.trim() };
  const { user, address, port } = parseLogin(hop);
  return { user, address, port };
}

const messages: Readonly<Record<string, [HostField, string]>> = {
  name: ['name', 'Letters, digits, “.” and “-”, at most 63'],
  address: ['address', 'A name or an address, without user and port'],
  port: ['port', 'A number from 1 to 65535'],
  user: ['user', 'As whom to sign in'],
  'auth.file': ['keyFile', 'The file of the private key, on this machine'],
  'auth.password': ['password', 'The password of this user'],
  sudoPassword: ['sudoPassword', 'Too long'],
};

/** What is wrong with a draft, by field; by the contract's own rules. */
export function hostProblems(draft: HostDraft, known: readonly string[]): Partial<Record<HostField, string>> {
  const problems: Partial<Record<HostField, string>> = {};
  for (const hop of draft.jump) {
    try {
      hopOf(hop, known);
    } catch (error) {
      problems.jump ??= hop.trim() === '' ? 'Name a host, or write user@host:port' : asFailure(error).message;
    }
  }
  if (known.includes(draft.name.trim())) problems.name = `There is a host “${draft.name.trim()}” already`;
  const found = newHost.safeParse(toNewHost({ ...draft, jump: [] }, known));
  for (const issue of found.error?.issues ?? []) {
    const entry = messages[issue.path.join('.')];
    if (entry !== undefined) problems[entry[0]] ??= entry[1];
  }
  return problems;
}

/** `user@address:port`, as it can be pasted elsewhere. */
export function loginText({ user, address, port }: { readonly user: string; readonly address: string; readonly port: number }): string {
  return hostAddressText({ user, address, port });
}
