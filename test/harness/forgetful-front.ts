import { Agent, createServer, request as ask } from 'node:http';
import { once } from 'node:events';
import { pipeline } from 'node:stream';

/** One request that went through. */
export interface PassedRequest {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** nodeId of the node that answered */
  readonly node: string;
}

/** Stands before a balancer and takes away the cookie by which it keeps a client on one node: each request may land on another one. */
export interface ForgetfulFront extends AsyncDisposable {
  readonly passed: PassedRequest[];
}

/** @param port on loopback @param target base address of the balancer; asked for each request, so that it may be started later */
export async function startForgetfulFront(port: number, target: () => string): Promise<ForgetfulFront> {
  const agent = new Agent({ keepAlive: true });
  const passed: PassedRequest[] = [];
  const server = createServer((request, response) => {
    const { cookie: _, ...headers } = request.headers;
    const onward = ask(`${target()}${request.url ?? '/'}`, { method: request.method, headers, agent, setHost: false }, (answer) => {
      const { 'set-cookie': _set, ...rest } = answer.headers;
      passed.push({ method: request.method ?? '', url: request.url ?? '', status: answer.statusCode ?? 0, node: String(rest['x-bulkhead-node'] ?? '') });
      response.writeHead(answer.statusCode ?? 502, rest);
      pipeline(answer, response, () => undefined);
    });
    onward.on('error', () => { response.destroy(); });
    pipeline(request, onward, () => undefined);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    passed,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
