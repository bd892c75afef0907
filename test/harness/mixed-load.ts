import { createHash, randomBytes } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';

export type Kind = 'GET' | 'HEAD' | 'PUT 1 KB' | 'PUT 500 KB' | 'PUT 64 MiB';

export interface Failure {
  readonly kind: Kind;
  readonly path: string;
  readonly why: string;
  /** of `performance.now()`: when it was sent, and when it had failed */
  readonly from: number;
  readonly to: number;
}

export interface LoadReport {
  readonly sent: Readonly<Record<Kind, number>>;
  readonly failures: readonly Failure[];
  /** longest time that one request took, milliseconds */
  readonly slowestMs: number;
  /** answers that came from another node than the one before, to a client that keeps its cookie */
  readonly moves: number;
}

interface LoadOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** how many clients are always waiting for an answer; default 16 */
  readonly clients?: number;
  /** sends the balancer's cookie back; default true */
  readonly keepCookie?: boolean;
  /** what each client sends in turn; default: all of them but the largest */
  readonly pattern?: readonly Kind[];
  /** where it puts; a name of its own for each of several at once. Default "load" */
  readonly folder?: string;
}

const small = randomBytes(1024);
const large = randomBytes(500 * 1024);
/** balancers that repeat a PUT keep bodies up to this size */
let largest: Buffer | undefined;
const usual: readonly Kind[] = ['GET', 'HEAD', 'GET', 'PUT 1 KB', 'HEAD', 'GET', 'PUT 500 KB', 'GET'];

/**
 * Clients without retries of their own, each with a connection for each request, so that nothing is sent again behind the
 * test's back. An answer that is not the expected one is a failure, and so is a GET with other bytes than were put.
 */
export class MixedLoad {
  readonly #options: LoadOptions;
  readonly #sent: Record<Kind, number> = { GET: 0, HEAD: 0, 'PUT 1 KB': 0, 'PUT 500 KB': 0, 'PUT 64 MiB': 0 };
  readonly #failures: Failure[] = [];
  readonly #clients: Promise<void>[] = [];
  readonly #known = createHash('sha256').update(small).digest('hex');
  #over = false;
  #slowest = 0;
  #moves = 0;
  #number = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Puts what is read later, and begins. */
  async start(): Promise<void> {
    const first = await this.#send('PUT', '/generic-local/known', small, undefined);
    if (first.status !== 201) throw new Error(`the first PUT was answered with ${String(first.status)}`);
    const { clients = 16 } = this.#options;
    for (let index = 0; index < clients; index += 1) this.#clients.push(this.#client(index));
  }

  get count(): number {
    return Object.values(this.#sent).reduce((sum, each) => sum + each, 0);
  }

  async stop(): Promise<LoadReport> {
    this.#over = true;
    await Promise.all(this.#clients);
    return { sent: this.#sent, failures: this.#failures, slowestMs: this.#slowest, moves: this.#moves };
  }

  async #client(index: number): Promise<void> {
    const { pattern = usual, folder = 'load' } = this.#options;
    let cookie: string | undefined;
    let node: string | undefined;
    for (let turn = index; !this.#over; turn += 1) {
      const kind = pattern[turn % pattern.length] ?? 'GET';
      const isPut = kind.startsWith('PUT');
      const path = isPut ? `/generic-local/${folder}/${index}/${this.#number++}` : '/generic-local/known';
      const from = performance.now();
      this.#sent[kind] += 1;
      try {
        const answer = await this.#send(isPut ? 'PUT' : kind, path, isPut ? bodyOf(kind) : undefined, cookie);
        const right = isPut ? answer.status === 201 : answer.status === 200;
        if (!right) throw new Error(`${String(answer.status)} ${answer.text.slice(0, 300)}`);
        if (kind === 'GET' && answer.sha256 !== this.#known) throw new Error('other bytes than were put');
        if (this.#options.keepCookie !== false) {
          cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
          const from = String(answer.headers['x-bulkhead-node']);
          if (node !== undefined && node !== from) this.#moves += 1;
          node = from;
        }
      } catch (error) {
        this.#failures.push({ kind, path, why: String(error), from, to: performance.now() });
      }
      this.#slowest = Math.max(this.#slowest, performance.now() - from);
    }
  }

  #send(method: string, path: string, body: Buffer | undefined, cookie: string | undefined): Promise<{ status: number; headers: IncomingHttpHeaders; sha256: string; text: string }> {
    const { url, user, password } = this.#options;
    return new Promise((resolve, reject) => {
      const sent = request(`${url}/artifactory${path}`, {
        method, agent: false, timeout: 60_000,
        headers: {
          authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
          ...(body === undefined ? {} : { 'content-length': body.length }), ...(cookie === undefined ? {} : { cookie }),
        },
      }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => { chunks.push(chunk); });
        answer.once('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, sha256: createHash('sha256').update(bytes).digest('hex'), text: bytes.toString('latin1') });
        });
        answer.once('error', reject);
      });
      sent.once('timeout', () => { sent.destroy(new Error('no answer for a minute')); });
      sent.once('error', reject);
      sent.end(body);
    });
  }
}

function bodyOf(kind: Kind): Buffer {
  if (kind === 'PUT 1 KB') return small;
  return kind === 'PUT 500 KB' ? large : largest ??= Buffer.alloc(64 * 1024 * 1024, large);
}
