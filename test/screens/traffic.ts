import { request } from 'node:http';

export interface Traffic {
  /** how many requests were answered as they should */
  readonly done: () => number;
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** Uploads and downloads through the balancer, several at a time, until stopped. No client library repeats anything. */
export function startTraffic(balancer: string, password: string, clients = 4): Traffic {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  const failures: string[] = [];
  let done = 0;
  let stopped = false;
  const send = (method: 'GET' | 'PUT', path: string, body?: Buffer): Promise<number> => new Promise((resolve, reject) => {
    const outgoing = request(`${balancer}/artifactory/${path}`, { method, headers: { authorization } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const client = async (number: number): Promise<void> => {
    for (let turn = 0; !stopped; turn += 1) {
      const path = `generic-local/traffic/${number}/${turn % 50}.bin`;
      for (const [method, expected] of [['PUT', 201], ['GET', 200]] as const) {
        try {
          const status = await send(method, path, method === 'PUT' ? Buffer.alloc(8_000 + turn % 977, turn % 251) : undefined);
          if (status === expected) done += 1;
          else failures.push(`${method} ${path}: ${status}`);
        } catch (error) {
          failures.push(`${method} ${path}: ${String(error)}`);
        }
      }
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return {
    done: () => done,
    failures,
    stop: async () => {
      stopped = true;
      await all;
    },
  };
}
