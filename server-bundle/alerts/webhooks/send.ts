import { version } from '../../version.ts';
import { requireAddress, type AddressCheck } from './address-rules.ts';
import { signatureOf } from './signature.ts';
import { attemptMs, type WebhookConnections } from './webhook-connections.ts';

export interface Message {
  readonly deliveryId: string;
  readonly event: string;
  /** JSON */
  readonly body: string;
  readonly url: string;
  /** null: not signed */
  readonly secret: string | null;
}

export type SendOutcome =
  | { readonly ok: true; readonly status: number }
  /** `final`: no further attempt can help */
  | { readonly ok: false; readonly status: number | null; readonly failure: string; readonly final: boolean };

/** Of an answer nothing but its status counts; more than this is not even read. */
const longestAnswer = 64 * 1024;

/** One attempt. Never throws. Redirects are not followed: they would lead to an address that nobody has written down. */
export async function send(message: Message, connections: WebhookConnections, isGood: AddressCheck, signal: AbortSignal): Promise<SendOutcome> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  try {
    requireAddress(message.url, isGood);
    const { request } = await import('undici');
    const { statusCode, body } = await request(message.url, {
      dispatcher: await connections.dispatcher(), method: 'POST', body: message.body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]),
      headers: {
        'content-type': 'application/json',
        'user-agent': `bulkhead/${version}`,
        'x-bulkhead-event': message.event,
        'x-bulkhead-delivery': message.deliveryId,
        'idempotency-key': message.deliveryId,
        'x-bulkhead-timestamp': timestamp,
        ...(message.secret === null ? {} : { 'x-bulkhead-signature': signatureOf(message.secret, timestamp, message.body) }),
      },
    });
    await body.dump({ limit: longestAnswer }).catch(() => undefined);
    if (statusCode >= 200 && statusCode < 300) return { ok: true, status: statusCode };
    return { ok: false, status: statusCode, failure: `answered ${String(statusCode)}`, final: statusCode === 410 };
  } catch (error) {
    return { ok: false, status: null, failure: reasonOf(error), final: false };
  }
}

/** Why there was no answer, in words that hold neither the address's path nor a stack. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const inner = error instanceof AggregateError ? (error.errors as unknown[])[0] : error;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  if (code === 'WEBHOOK_ADDRESS_REFUSED') return error.message;
  if (error.name === 'TimeoutError' || code.endsWith('TIMEOUT')) return 'no answer in time';
  if (error.name === 'AbortError') return 'broken off';
  return code === '' ? error.name : code;
}
