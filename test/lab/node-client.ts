import type { LabHost } from './host.ts';

export interface NodeAnswer {
  readonly status: number;
  readonly text: string;
}

/** What a node on a host of the lab says to a client that talks to it directly. Undefined: nobody knows what came of it. */
export class NodeClient {
  readonly #base: string;
  readonly #authorization: string;

  constructor(address: string, authorization: string) {
    this.#base = `http://${address.includes(':') ? `[${address}]` : address}:8081/artifactory/`;
    this.#authorization = authorization;
  }

  get(path: string, timeoutMs?: number): Promise<NodeAnswer | undefined> {
    return this.#ask(path, {}, timeoutMs);
  }

  put(path: string, body: string, timeoutMs?: number): Promise<NodeAnswer | undefined> {
    return this.#ask(path, { method: 'PUT', body }, timeoutMs);
  }

  post(path: string, body: string, timeoutMs?: number): Promise<NodeAnswer | undefined> {
    return this.#ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } }, timeoutMs);
  }

  /** The cluster as the node sees it. */
  async view(): Promise<{ readonly collectionLocked: unknown; readonly master: { readonly nodeId: string; readonly epoch: number } | null }> {
    const answer = await this.get('api/v1/cluster');
    if (answer?.status !== 200) throw new Error(`${this.#base} shows no cluster: ${answer?.text ?? 'no answer'}`);
    return JSON.parse(answer.text) as Awaited<ReturnType<NodeClient['view']>>;
  }

  async #ask(path: string, init: Omit<RequestInit, 'headers'> & { readonly headers?: Record<string, string> }, timeoutMs = 20_000): Promise<NodeAnswer | undefined> {
    try {
      const answer = await fetch(this.#base + path, { ...init, headers: { ...init.headers, authorization: this.#authorization }, signal: AbortSignal.timeout(timeoutMs) });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return undefined;
    }
  }
}

/** Resets the administrator's password on a host that has a node. */
export async function resetAdmin(host: LabHost): Promise<{ readonly user: string; readonly password: string }> {
  const answer = await host.run(
    'setpriv', '--reuid', '8081', '--regid', '8081', '--clear-groups', '--', '/opt/bulkhead/current/node', '/opt/bulkhead/current/bulkhead-node.cjs',
    'reset-admin', '--config', '/etc/bulkhead/node.yaml', '--json',
  );
  return { user: 'admin', password: (JSON.parse(answer) as { password: string }).password };
}

/** The same; resolves to a header that signs in with it. */
export async function adminOf(host: LabHost): Promise<string> {
  const { user, password } = await resetAdmin(host);
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
