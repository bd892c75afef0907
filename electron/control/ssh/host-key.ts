import { createHash } from 'node:crypto';

/** The public key that a host proves to hold. */
export interface HostKey {
  /** as in known_hosts, for example `ssh-ed25519` */
  readonly type: string;
  /** base64 of the key, as in known_hosts */
  readonly key: string;
  /** `SHA256:…`, as ssh-keygen prints it */
  readonly fingerprint: string;
}

/** @param blob the key as it travels (RFC 4253, 6.6): it begins with the length and the name of its type */
export function hostKeyFrom(blob: Uint8Array): HostKey {
  const bytes = Buffer.from(blob);
  const type = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1');
  const digest = createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '');
  return { type, key: bytes.toString('base64'), fingerprint: `SHA256:${digest}` };
}

const files: Readonly<Record<string, string>> = { 'ssh-ed25519': 'ed25519', 'ssh-rsa': 'rsa', 'ssh-dss': 'dsa' };

/** The command that shows on a host what certificate it has. */
export function certificateCommand(type: string): string {
  return `ssh-keygen -Lf ${keyFile(type)}-cert.pub`;
}

/** The command that shows the fingerprint on the host itself, for comparison. */
export function fingerprintCommand(type: string): string {
  return `ssh-keygen -lf ${keyFile(type)}.pub`;
}

function keyFile(type: string): string {
  return `/etc/ssh/ssh_host_${files[type] ?? (type.startsWith('ecdsa-') ? 'ecdsa' : type)}_key`;
}
