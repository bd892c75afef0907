import type { Socket } from 'node:net';
import type { ReaderNews } from '../../cluster/coherence/followers.ts';
import { Calls } from './calls.ts';
import type { FromWorker, MeshRequest, NodeNews, NodeServices, Secrets, WorkerReport, WorkerServices, WorkerStart } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { LoginEvent } from '../../security/login-throttle.ts';

/** What a worker says without being asked. */
export interface WorkerEars {
  readonly loaded: (worker: Worker, version: string) => void;
  readonly changeOver: (number: number, unknown: boolean) => void;
  readonly look: () => void;
  readonly mesh: (request: MeshRequest, socket: Socket) => void;
  readonly login: (event: LoginEvent, from: Worker) => void;
}

/** One worker process as its node sees it: what it was told, what of that it has taken over, and what it said of itself. */
export class Worker {
  readonly ordinal: number;
  /** changes that were prepared for it and are not over */
  readonly changes = new Set<number>();
  /** has joined: it is told everything, and waited for */
  isRegistered = false;
  /** has database connections: it may be given clients */
  isReady = false;
  /** is to end, or has ended: it gets no more clients and no successor for that */
  isLeaving = false;
  /** did not answer, and has been killed */
  isDoomed = false;
  hasEnded = false;
  /** database connections that it may hold */
  share = 0;
  report: WorkerReport | null = null;
  readonly startedAt = performance.now();
  readonly #process: WorkerProcess;
  readonly #calls: Calls<WorkerServices, NodeServices>;
  /** told and not yet taken over: number, and when it was told */
  readonly #open: { readonly seq: number; readonly at: number }[] = [];
  #told = 0;
  #waiting: { readonly seq: number; readonly wake: () => void }[] = [];
  #handing: { readonly socket: Socket; readonly resolve: (accepted: boolean) => void } | null = null;

  constructor(ordinal: number, process: WorkerProcess, services: (worker: Worker) => NodeServices, ears: WorkerEars) {
    this.ordinal = ordinal;
    this.#process = process;
    this.#calls = new Calls((message) => { process.send(message); }, services(this));
    process.receive((message, socket) => { this.#take(message, socket, ears); });
    void process.exited.then(() => { this.#end(); });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get exited(): Promise<string> {
    return this.#process.exited;
  }

  get call(): Calls<WorkerServices, NodeServices>['call'] {
    return this.#calls.call.bind(this.#calls);
  }

  start(start: WorkerStart): void {
    this.#process.send({ t: 'start', start });
  }

  /** From this moment on it is told everything, and waited for; what is so already comes first. */
  join(reader: readonly ReaderNews[], node: NodeNews): void {
    this.isRegistered = true;
    this.#process.send({ t: 'join', seq: this.#number(), reader, node });
  }

  tellReader(news: ReaderNews): void {
    this.#process.send({ t: 'reader', seq: this.#number(), news });
  }

  tellNode(news: NodeNews): void {
    this.#process.send({ t: 'node', seq: this.#number(), news });
  }

  tellSecrets(secrets: Secrets): void {
    this.#process.send({ t: 'secrets', secrets });
  }

  tellLogin(event: LoginEvent): void {
    this.#process.send({ t: 'login', event });
  }

  #number(): number {
    this.#told += 1;
    this.#open.push({ seq: this.#told, at: performance.now() });
    return this.#told;
  }

  /** Resolves when everything that it was told before this call has been taken over, or its process has ended. */
  settled(): Promise<void> {
    if (this.#open.length === 0 || this.hasEnded) return Promise.resolve();
    const seq = this.#told;
    return new Promise((wake) => { this.#waiting.push({ seq, wake }); });
  }

  /** For how long it has left unanswered what it was told first, milliseconds. */
  silentMs(): number {
    const [oldest] = this.#open;
    return oldest === undefined || this.hasEnded ? 0 : performance.now() - oldest.at;
  }

  get isTaking(): boolean {
    return this.#handing !== null;
  }

  /**
   * Shares a client's connection with it, one at a time. Resolves to whether it took it over; if not, nothing was read from it, and it is closed when
   * it was refused.
   */
  hand(socket: Socket): Promise<boolean> {
    return new Promise((resolve) => {
      this.#handing = { socket, resolve };
      this.#process.send({ t: 'connection' }, socket);
      this.#process.send({ t: 'connection-sent' });
    });
  }

  #handed(accepted: boolean): void {
    const handing = this.#handing;
    this.#handing = null;
    handing?.resolve(accepted);
  }

  #take(message: FromWorker, socket: Socket | undefined, ears: WorkerEars): void {
    switch (message.t) {
      case 'loaded':
        ears.loaded(this, message.version);
        break;
      case 'taken':
        this.#taken(message.seq);
        break;
      case 'accepted':
        this.#handed(true);
        break;
      case 'refused':
        this.#handing?.socket.destroy();
        this.#handed(false);
        break;
      case 'report':
        this.report = message.report;
        break;
      case 'change-over':
        if (this.changes.delete(message.number)) ears.changeOver(message.number, message.unknown);
        break;
      case 'look':
        ears.look();
        break;
      case 'mesh':
        if (socket !== undefined) ears.mesh(message.request, socket);
        break;
      case 'login':
        ears.login(message.event, this);
        break;
      case 'call': case 'answer': case 'failure':
        this.#calls.take(message);
        break;
    }
  }

  #taken(seq: number): void {
    while (this.#open[0] !== undefined && this.#open[0].seq <= seq) this.#open.shift();
    const done = this.#waiting.filter((waiting) => waiting.seq <= seq);
    this.#waiting = this.#waiting.filter((waiting) => waiting.seq > seq);
    for (const { wake } of done) wake();
  }

  kill(): void {
    this.#process.kill();
  }

  #end(): void {
    this.hasEnded = true;
    this.isReady = false;
    this.report = null;
    this.#calls.end();
    this.#taken(Infinity);
    this.#handed(false);
  }
}
