import { hostKeyFrom, type HostKey } from '../host-key.ts';
import { matchesPattern } from '../pattern.ts';
import { WireReader, wireString } from '../wire.ts';
import { isSignedBy } from './signature.ts';

/** What an authority says of the key of a host; its signature was found right. */
export interface HostCertificate {
  /** the plain key that it is about */
  readonly key: HostKey;
  readonly authority: HostKey;
  /** names of hosts, with `*` and `?` */
  readonly names: readonly string[];
  /** seconds since 1970; valid before the second */
  readonly from: bigint;
  readonly until: bigint;
  /** something has to be understood that is not known here */
  readonly isCritical: boolean;
}

const suffix = '-cert-v01@openssh.com';
/** Plain keys, and how many fields each has in a certificate. */
const fieldsOf: ReadonlyMap<string, number> = new Map([['ssh-ed25519', 1], ['ssh-rsa', 2], ['ecdsa-sha2-nistp256', 2], ['ecdsa-sha2-nistp384', 2], ['ecdsa-sha2-nistp521', 2]]);
const lastSecond = 8_640_000_000_000n;
/** kind of a certificate that is about a host, and not about a user */
const aboutHost = 2;

/** Algorithms with which a host shows a certificate, the best one first. */
export const certificateAlgorithms: readonly string[] = [
  'ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256',
].map((name) => `${name}${suffix}`);

/** Reads a certificate as it travels (OpenSSH's PROTOCOL.certkeys). Throws an Error that says what is wrong with it. */
export function readHostCertificate(blob: Uint8Array): HostCertificate {
  const reader = new WireReader(blob);
  const named = reader.text();
  const type = named.endsWith(suffix) ? named.slice(0, -suffix.length) : '';
  const fields = fieldsOf.get(type);
  if (fields === undefined) throw new Error(`certificates of ${/^[\x21-\x7e]{1,64}$/.test(named) ? `the kind "${named}"` : 'its kind'} are not known here`);
  // a number that makes the signed bytes differ each time
  reader.string();
  const parts = Array.from({ length: fields }, () => wireString(reader.string()));
  // serial number
  reader.long();
  const kind = reader.number();
  // for people
  reader.string();
  const names = listOf(reader.string());
  const [from, until] = [reader.long(), reader.long()];
  const isCritical = reader.string().length > 0;
  // extensions may be passed over, and a field is reserved
  reader.string();
  reader.string();
  const authority = reader.string();
  const signed = Buffer.from(blob.subarray(0, reader.position));
  const signature = reader.string();
  if (!reader.isAtEnd) throw new Error('something comes after its end');
  if (kind !== aboutHost) throw new Error('it is not about a host');
  if (!isSignedBy(signed, authority, signature)) throw new Error('its signature is wrong, or of a kind that is not known here');
  return { key: hostKeyFrom(Buffer.concat([wireString(type), ...parts])), authority: hostKeyFrom(authority), names, from, until, isCritical };
}

/**
 * Why a certificate does not speak for a host now, as a part of a sentence; null when it does. Whether its authority is trusted is
 * another question. @param name of the host, as it was asked for @param now milliseconds since 1970
 */
export function certificateProblem({ names, from, until, isCritical }: HostCertificate, name: string, now = Date.now()): string | null {
  const second = BigInt(Math.floor(now / 1000));
  if (isCritical) return 'its certificate asks for something that is not known here';
  if (second < from) return `its certificate is valid from ${when(from)} on`;
  if (second >= until) return `its certificate has expired at ${when(until)}`;
  if (names.some((pattern) => matchesPattern(pattern.toLowerCase(), name.toLowerCase()))) return null;
  return names.length === 0 ? 'its certificate names no host' : `its certificate is for ${names.join(', ')}, and not for ${name}`;
}

function listOf(bytes: Buffer): string[] {
  const reader = new WireReader(bytes);
  const names: string[] = [];
  while (!reader.isAtEnd) names.push(reader.text());
  return names;
}

/** The last second that has a date here stands for every later one. */
function when(seconds: bigint): string {
  return `${new Date(Number(seconds > lastSecond ? lastSecond : seconds) * 1000).toISOString().replace(/:\d\d\.\d+Z$/, '').replace('T', ' ')} UTC`;
}
