import { randomBytes } from 'node:crypto';
import { hello, type Hello } from './messages.ts';

export function newNonce(): string {
  return randomBytes(32).toString('hex');
}

/** The other side's hello; throws when it is not one of this cluster and protocol, or not meant for `own`. */
export function readHello(text: string, own: { readonly cluster: string; readonly incarnation: string }): Hello {
  const read = hello.parse(JSON.parse(text));
  if (read.cluster !== own.cluster) throw new Error('another cluster');
  if (read.incarnation === own.incarnation) throw new Error('this very incarnation');
  if (read.to !== null && read.to !== own.incarnation) throw new Error('meant for another incarnation');
  return read;
}
