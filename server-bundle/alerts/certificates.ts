import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { NodeConfig } from '../config/schema.ts';

/** A certificate that somebody relies on. */
export interface Certificate {
  /** names the alert */
  readonly subject: 'public-address' | 'database';
  /** in words, with host and port */
  readonly where: string;
  /** milliseconds since 1970 */
  readonly notAfter: number;
}

const answerMs = 5000;
/** SSLRequest (PostgreSQL 18, section 54.7): length and code. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Looks at the certificates of the public address and of the database, where these use TLS. What does not answer is left out. */
export async function lookAtCertificates(config: Pick<NodeConfig, 'baseUrl' | 'database'>): Promise<Certificate[]> {
  const seen = await Promise.allSettled([ofBaseUrl(config.baseUrl), ofDatabase(config.database)]);
  return seen.flatMap((each) => (each.status === 'fulfilled' && each.value !== null ? [each.value] : []));
}

async function ofBaseUrl(baseUrl: string): Promise<Certificate | null> {
  const { protocol, hostname, port } = new URL(baseUrl);
  if (protocol !== 'https:') return null;
  const at = port === '' ? 443 : Number(port);
  const host = hostname.replace(/^\[|\]$/g, '');
  return { subject: 'public-address', where: `the public address ${host}:${String(at)}`, notAfter: await expiry(await plain(host, at), host) };
}

async function ofDatabase({ tls, host, port }: NodeConfig['database']): Promise<Certificate | null> {
  if (tls.mode === 'disable') return null;
  const socket = await plain(host, port);
  const [first] = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => { reject(new Error('closed')); });
    socket.write(sslRequest);
  });
  if (first !== 'S'.charCodeAt(0)) {
    socket.destroy();
    throw new Error('the database offers no TLS');
  }
  return { subject: 'database', where: `the database ${host}:${String(port)}`, notAfter: await expiry(socket, host) };
}

async function plain(host: string, port: number): Promise<Socket> {
  const socket = connectPlain({ host, port });
  socket.setTimeout(answerMs, () => { socket.destroy(new Error('no answer in time')); });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Nothing is sent to whoever answers, so it need not be trusted: a certificate that nobody trusts any more is what is looked for. */
async function expiry(socket: Socket, host: string): Promise<number> {
  const secured: TLSSocket = connectTls({ socket, rejectUnauthorized: false, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) });
  try {
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve);
      secured.once('error', reject);
      secured.once('close', () => { reject(new Error('closed')); });
    });
    const notAfter = Date.parse(secured.getPeerCertificate().valid_to);
    if (Number.isNaN(notAfter)) throw new Error('no certificate was shown');
    return notAfter;
  } finally {
    secured.destroy();
    socket.destroy();
  }
}
