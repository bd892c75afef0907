import { createHmac } from 'node:crypto';

/**
 * What a receiver checks: `v1=` and the HMAC-SHA256, in hexadecimal, of timestamp, "." and body under the webhook's secret. The timestamp
 * (seconds since 1970) is that of the attempt and is sent beside it, so that an old message cannot be sent again by somebody else.
 */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
