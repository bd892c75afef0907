import { createHmac } from 'node:crypto';
import { hostKeyFrom, type HostKey } from '../host-key.ts';
import { matchesPattern } from '../pattern.ts';

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostsEntry {
  readonly marker: 'cert-authority' | 'revoked' | null;
  /** patterns as written, or one hashed name */
  readonly hosts: readonly string[];
  readonly key: HostKey;
  /** number of the line, from 1 */
  readonly line: number;
}

/** The lines that can be understood; comments and broken ones are left out, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHostsEntry[] {
  return text.split('\n').flatMap((line, index) => {
    const entry = parseLine(line.trim(), index + 1);
    return entry === undefined ? [] : [entry];
  });
}

function parseLine(text: string, line: number): KnownHostsEntry | undefined {
  if (text === '' || text.startsWith('#')) return undefined;
  const words = text.split(/\s+/);
  let marker: KnownHostsEntry['marker'] = null;
  if (words[0]?.startsWith('@') === true) {
    const name = words.shift();
    if (name !== '@cert-authority' && name !== '@revoked') return undefined;
    marker = name === '@revoked' ? 'revoked' : 'cert-authority';
  }
  const [hosts, type, encoded] = words;
  if (hosts === undefined || type === undefined || encoded === undefined) return undefined;
  const blob = Buffer.from(encoded, 'base64');
  if (blob.length < 8 || blob.readUInt32BE(0) + 4 > blob.length) return undefined;
  const key = hostKeyFrom(blob);
  return key.type === type ? { marker, hosts: hosts.split(','), key, line } : undefined;
}

/** The name of a host as known_hosts has it: the port is named when it is not 22. */
export function knownHostsName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** @param name from `knownHostsName` */
export function matchesHost(entry: KnownHostsEntry, name: string): boolean {
  let matched = false;
  for (const pattern of entry.hosts) {
    if (pattern.startsWith('|1|')) matched ||= matchesHash(pattern, name);
    else if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1).toLowerCase(), name)) return false;
    } else matched ||= matchesPattern(pattern.toLowerCase(), name);
  }
  return matched;
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt */
function matchesHash(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split('|');
  if (salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}
