import { BulkheadError } from '../../server-bundle/contract/index.ts';

/** Where to sign in, as a person writes it. */
export interface HostAddress {
  /** null: the text names no user */
  readonly user: string | null;
  /** name, IPv4 or IPv6 address, the last one without brackets */
  readonly address: string;
  readonly port: number;
}

const sshPort = 22;
const name = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;
const version6 = /^(?=.*:.*:)[0-9a-f:.]{2,45}(%[\w.-]+)?$/i;

/**
 * Reads `user@host`, `user@host:port`, `user@[IPv6]:port`, `ssh://user@host:port` and the same without a user, as they are pasted.
 * A bare IPv6 address is taken as one, without a port. Throws ARGUMENT_INVALID with a message for the person who typed it.
 */
export function parseHostAddress(text: string): HostAddress {
  const trimmed = text.trim();
  if (trimmed === '') throw invalid(text, 'nothing is written here');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed);
  if (scheme !== null && scheme[1]?.toLowerCase() !== 'ssh') throw invalid(text, `${scheme[1] ?? ''}:// is no SSH address`);
  const rest = scheme === null ? trimmed : withoutPath(text, trimmed.slice(scheme[0].length));
  if (/\s/.test(rest)) throw invalid(text, 'it has a space in it; paste one address at a time');
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? null : userOf(text, rest.slice(0, at), scheme !== null);
  return { user, ...whereOf(text, rest.slice(at + 1)) };
}

/** `parseHostAddress` for a place that needs the user as well. */
export function parseLogin(text: string): HostAddress & { readonly user: string } {
  const { user, ...where } = parseHostAddress(text);
  if (user === null) throw invalid(text, 'it does not say as whom to sign in: write user@host');
  return { user, ...where };
}

/** The address as it is pasted elsewhere; the port is left out when it is 22. */
export function hostAddressText({ user, address, port }: HostAddress): string {
  const where = address.includes(':') ? `[${address}]` : address;
  return `${user === null ? '' : `${user}@`}${where}${port === sshPort ? '' : `:${port}`}`;
}

/** A name for the host of an address, as `hosts.add` takes it: the first part of its name, or its address with dashes. */
export function suggestedHostName(address: string): string {
  const isAddress = /^[\d.]+$/.test(address) || address.includes(':');
  const words = isAddress ? address : address.split('.')[0] ?? '';
  return words.toLowerCase().replace(isAddress ? /[^a-z0-9.]+/g : /[^a-z0-9]+/g, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 63) || 'host';
}

function withoutPath(text: string, rest: string): string {
  const slash = rest.indexOf('/');
  if (slash < 0) return rest;
  if (rest.slice(slash) !== '/') throw invalid(text, `the path "${rest.slice(slash)}" has no meaning here`);
  return rest.slice(0, slash);
}

function userOf(text: string, part: string, isUrl: boolean): string {
  const [user = '', ...password] = isUrl ? part.split(/[:;]/) : [part];
  // never repeated in a message: what follows may be a password
  if (password.length > 0) throw invalid('', 'a password does not belong into an address: give it in its own field');
  const plain = isUrl ? decoded(text, user) : user;
  if (plain === '') throw invalid(text, 'the user before "@" is missing');
  // eslint-disable-next-line no-control-regex -- what must not be in a name
  if (/[\s\u0000-\u001f\u007f:'"`$;&|<>]/.test(plain) || !/^(?:[^\\]+\\)?[^\\]+$/.test(plain) || plain.startsWith('-') || plain.length > 64) throw invalid(text, `"${plain}" is not the name of a user`);
  return plain;
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(text, 'the user is not well encoded');
  }
}

function whereOf(text: string, part: string): { address: string; port: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(part);
  if (bracketed !== null) {
    const [, inside = '', port] = bracketed;
    if (!version6.test(inside) && !name.test(inside)) throw invalid(text, `"${inside}" is not an address`);
    return { address: inside, port: portOf(text, port) };
  }
  if (part.includes('[') || part.includes(']')) throw invalid(text, 'the brackets around the address do not match');
  if (version6.test(part)) return { address: part, port: sshPort };
  const [address = '', port, ...more] = part.split(':');
  if (more.length > 0) throw invalid(text, 'an IPv6 address with a port needs brackets: [address]:port');
  if (address === '') throw invalid(text, 'the host is missing');
  if (/^[\d.]+$/.test(address) && !isVersion4(address)) throw invalid(text, `"${address}" is not an IPv4 address`);
  if (!name.test(address)) throw invalid(text, `"${address}" is not the name or address of a host`);
  return { address, port: portOf(text, port) };
}

function isVersion4(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function portOf(text: string, part: string | undefined): number {
  if (part === undefined) return sshPort;
  const port = Number(part);
  if (!/^\d{1,5}$/.test(part) || port < 1 || port > 65_535) throw invalid(text, part === '' ? 'the port after ":" is missing' : `"${part}" is not a port: 1 to 65535`);
  return port;
}

function invalid(text: string, why: string): BulkheadError {
  return new BulkheadError('ARGUMENT_INVALID', text === '' ? why : `"${text.trim().slice(0, 120)}": ${why}`, { hint: 'Write user@host, user@host:port, user@[IPv6]:port or ssh://user@host:port.' });
}
