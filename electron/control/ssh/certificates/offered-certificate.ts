import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { WireReader, wireNumber, wireString } from '../wire.ts';
import { certificateAlgorithms } from './host-certificate.ts';
import { keyExchanges } from './key-exchanges.ts';
import { PlainTransport } from './plain-transport.ts';

/** numbers of messages (RFC 4250, 4.1; RFC 5656, 7.1) */
const message = { disconnect: 1, kexInit: 20, firstInit: 30, firstReply: 31 } as const;

// nothing is ever encrypted here, so every name that OpenSSH knows can be offered; the first ones go without a MAC
const ciphers = [
  'aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com',
  'aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc',
];
const macs = ['hmac-sha2-256', 'hmac-sha2-512', 'umac-128', 'umac-64', 'hmac-sha1', 'hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'].flatMap((name) => {
  const domain = name.startsWith('umac') ? '@openssh.com' : '';
  return [`${name}-etm@openssh.com`, `${name}${domain}`];
});
const compressions = ['none', 'zlib@openssh.com', 'zlib'];

/**
 * The certificate that a host shows who asks for nothing else, as it travels; null when it has none. The SSH library in use does not ask
 * for one, so this begins a handshake of its own on a fresh connection and ends it there. Nothing is believed of it: a certificate is
 * worth what its signature is, and that the host holds the key has to be proven in the connection that is used. Closes the connection.
 *
 * Throws when the host does not answer as SSH asks, or has not when the signal comes.
 */
export async function offeredCertificate(connection: Duplex, signal: AbortSignal): Promise<Buffer | null> {
  // a connection that is destroyed while it is read ends with an error, which nobody waits for any more
  const asked = ask(new PlainTransport(connection));
  asked.catch(() => undefined);
  let leave = (): void => undefined;
  const left = new Promise<never>((_resolve, reject) => { leave = () => { reject(new Error('it was not waited for any longer')); }; });
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    return await Promise.race([asked, left]);
  } finally {
    signal.removeEventListener('abort', leave);
    connection.on('error', () => undefined);
    connection.destroy();
  }
}

async function ask(transport: PlainTransport): Promise<Buffer | null> {
  await transport.greet();
  transport.send(kexInit());
  const offer = new WireReader(await next(transport, message.kexInit));
  offer.take(17);
  const [kinds, keys] = [offer.names(), offer.names()];
  if (!certificateAlgorithms.some((name) => keys.includes(name))) return null;
  const exchange = Object.entries(keyExchanges).find(([name]) => kinds.includes(name))?.[1];
  if (exchange === undefined) throw new Error('it shares no key exchange with this app');
  transport.send(Buffer.concat([Buffer.from([message.firstInit]), exchange()]));
  const reply = new WireReader(await next(transport, message.firstReply));
  reply.byte();
  return Buffer.from(reply.string());
}

/** The next message of that number; what may be passed over is. */
async function next(transport: PlainTransport, wanted: number): Promise<Buffer> {
  for (;;) {
    const payload = await transport.packet();
    if (payload[0] === wanted) return payload;
    if (payload[0] === message.disconnect) throw new Error('the host ended the connection');
  }
}

function kexInit(): Buffer {
  const lists = [Object.keys(keyExchanges), certificateAlgorithms, ciphers, ciphers, macs, macs, compressions, compressions, [], []];
  // no packet follows that was guessed; the last number is reserved
  return Buffer.concat([Buffer.from([message.kexInit]), randomBytes(16), ...lists.map((names) => wireString(names.join(','))), Buffer.from([0]), wireNumber(0)]);
}
