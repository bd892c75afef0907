import type { Duplex } from 'node:stream';
import type ssh2 from 'ssh2';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED and SSH_OPEN_CONNECT_FAILED (RFC 4254, 5.1) */
const prohibited = 1;
const connectFailed = 2;

/** Throws FORWARDING_DENIED, FORWARDING_FAILED, SSH_CONNECTION_LOST. */
export function forwardThrough(client: ssh2.Client, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const details = { host, port };
    try {
      client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
        if (error === undefined) resolve(stream);
        else if (reasonOf(error) === prohibited) reject(new BulkheadError('FORWARDING_DENIED', undefined, { details }));
        else if (reasonOf(error) === connectFailed) reject(new BulkheadError('FORWARDING_FAILED', `The host could not connect to ${host}:${port}`, { details }));
        else reject(new BulkheadError('SSH_CONNECTION_LOST', undefined, { details, cause: error }));
      });
    } catch (error) {
      reject(new BulkheadError('SSH_CONNECTION_LOST', undefined, { details, cause: error }));
    }
  });
}

function reasonOf(error: Error): unknown {
  return 'reason' in error ? error.reason : undefined;
}
