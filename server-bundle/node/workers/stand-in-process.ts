import type { Socket } from 'node:net';
import type { FromWorker, ToWorker } from './messages.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A worker in memory, for tests: it does what it is told until it is frozen. What it was sent waits then, as with a process that stands still. */
export class StandInProcess implements WorkerProcess {
  static readonly version = '1.2.3';
  static #lastPid = 0;
  readonly pid = StandInProcess.#lastPid += 1;
  readonly told: ToWorker[] = [];
  readonly sockets: Socket[] = [];
  readonly exited: Promise<string>;
  share = 0;
  /** server processes behind its connections, as it says */
  pids: number[] = [];
  isFrozen = false;
  /** has no file descriptor left: connections do not arrive */
  isFull = false;
  isGone = false;
  readonly #exit = Promise.withResolvers<string>();
  #say: (message: FromWorker) => void = () => undefined;

  constructor() {
    this.exited = this.#exit.promise;
  }

  receive(take: (message: FromWorker, socket: Socket | undefined) => void): void {
    this.#say = (message) => { setImmediate(() => { if (!this.isGone) take(message, undefined); }); };
    this.#say({ t: 'loaded', version: StandInProcess.version });
  }

  send(message: ToWorker, socket?: Socket): void {
    setImmediate(() => { this.#take(message, socket); });
  }

  #take(message: ToWorker, socket: Socket | undefined): void {
    if (this.isFrozen || this.isGone) return;
    this.told.push(message);
    switch (message.t) {
      case 'join': case 'reader': case 'node':
        this.#say({ t: 'taken', seq: message.seq });
        break;
      case 'connection-sent':
        if (this.isFull) this.#say({ t: 'refused' });
        break;
      case 'connection':
        if (this.isFull) break;
        if (socket !== undefined) this.sockets.push(socket);
        this.#say({ t: 'accepted' });
        break;
      case 'call':
        if (message.name === 'stop') {
          this.end('exit code 0');
          return;
        }
        if (message.name === 'resize') this.share = Number(message.args[0]);
        this.#say({ t: 'answer', id: message.id, value: message.name === 'pids' ? this.pids : message.name === 'inFlight' ? 0 : undefined });
        break;
      default:
    }
  }

  say(message: FromWorker): void {
    this.#say(message);
  }

  kill(): void {
    this.end('SIGKILL');
  }

  end(how: string): void {
    this.isGone = true;
    this.#exit.resolve(how);
  }
}
