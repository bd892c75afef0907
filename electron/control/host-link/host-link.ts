import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SshSession } from '../ssh/index.ts';
import { Snapshot } from '../streams/index.ts';
import type { FactsTarget } from './facts-script.ts';
import type { LinkState } from './link-state.ts';
import type { RawDisk } from './parse-facts.ts';
import { QuestionLoop } from './question-loop.ts';
import { mergeDisks, vitalsFrom, type Vitals } from './vitals.ts';

/** Milliseconds. A host that is gone is noticed after an interval, the patience for its answer, and that for a sign of life at all. */
const watchedMs = 1000;
const unwatchedMs = 3000;
const answerPatienceMs = 4000;
const signOfLifeMs = 2500;
const slowFactsMs = 10_000;
const firstRetryMs = 500;
const longestRetryMs = 10_000;
/** A refused login is not repeated soon: hosts lock out who knocks too often. A key that is not trusted costs the host nothing. */
const refusedLoginMs = 300_000;
const refusedMs = 30_000;

const refusals = new Set(['AUTH_FAILED', 'HOST_KEY_UNKNOWN', 'HOST_KEY_CHANGED', 'HOST_KEY_REVOKED', 'SSH_PROTOCOL_FAILED', 'REMOTE_SHELL_UNUSABLE', 'HOST_NOT_FOUND']);
const noPrivilege = new Set(['NO_PRIVILEGE', 'SUDO_PASSWORD_WRONG']);

export interface HostLinkOptions {
  readonly hostId: string;
  /** connects and logs in; never asks a person */
  readonly open: (signal: AbortSignal) => Promise<SshSession>;
  readonly target: () => FactsTarget;
}

/**
 * The one connection to a host that is kept, and what the host says of itself through it. While somebody holds the link it is made again
 * after every loss, with growing pauses.
 */
export class HostLink {
  readonly hostId: string;
  readonly state = new Snapshot<LinkState>({ reachability: 'unknown', since: null, problem: null, heardAt: null, intervalMs: unwatchedMs, vitals: null });
  readonly #options: HostLinkOptions;
  readonly #closed = new AbortController();
  #session: SshSession | null = null;
  #attempt: Promise<SshSession> | null = null;
  #retryAt = 0;
  #retryMs = firstRetryMs;
  readonly #holders = new Set<() => boolean>();
  #running: Promise<void> | null = null;
  #early: Vitals['disks'] = [];
  #wake = (): void => undefined;

  constructor(options: HostLinkOptions) {
    this.hostId = options.hostId;
    this.#options = options;
  }

  /** Keeps the link up until the returned function is called. @param isWatched whether somebody looks: then facts come once a second */
  hold(isWatched: () => boolean): () => void {
    this.#holders.add(isWatched);
    this.#running ??= this.#run().finally(() => { this.#running = null; });
    this.#wake();
    return () => {
      if (this.#holders.delete(isWatched)) this.#wake();
    };
  }

  get #isHeld(): boolean {
    return this.#holders.size > 0 && !this.#closed.signal.aborted;
  }

  get #intervalMs(): number {
    return [...this.#holders].some((isWatched) => isWatched()) ? watchedMs : unwatchedMs;
  }

  /** The kept session; connects when there is none. A refusal is answered from memory for a while. */
  async session(): Promise<SshSession> {
    if (this.#closed.signal.aborted) throw new BulkheadError('CANCELLED');
    if (this.#session !== null && !this.#session.closed.aborted) return this.#session;
    const { problem, reachability } = this.state.value;
    if (this.#attempt === null && reachability === 'refused' && performance.now() < this.#retryAt) throw rebuilt(problem);
    this.#attempt ??= this.#connect().finally(() => { this.#attempt = null; });
    return this.#attempt;
  }

  /** The host's entry has changed: the next connection is made by it, at once. */
  async renew(): Promise<void> {
    this.retry();
    await this.#session?.close();
  }

  /** Tries again at once: its key was trusted, or the network is another. */
  retry(): void {
    this.#retryAt = 0;
    this.#retryMs = firstRetryMs;
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#wake();
    await this.#attempt?.catch(() => undefined);
    await this.#session?.close();
    await this.#running;
  }

  async #connect(): Promise<SshSession> {
    if (this.state.value.reachability === 'unknown') this.#set({ reachability: 'connecting', since: Date.now() });
    try {
      const session = await this.#options.open(this.#closed.signal);
      if (this.#closed.signal.aborted) {
        await session.close();
        throw new BulkheadError('CANCELLED');
      }
      this.#session = session;
      this.#retryMs = firstRetryMs;
      this.#retryAt = 0;
      this.#set({ reachability: 'reachable', since: Date.now(), problem: null, heardAt: performance.now() });
      this.#wake();
      return session;
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    const { code, message, hint } = asBulkheadError(error);
    const isRefusal = refusals.has(code);
    const before = this.state.value;
    const reachability = isRefusal ? 'refused' : 'unreachable';
    this.#retryAt = performance.now() + (!isRefusal ? this.#retryMs : code === 'AUTH_FAILED' ? refusedLoginMs : refusedMs);
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
    this.#set({ reachability, problem: { code, message, hint }, since: before.reachability === reachability ? before.since : Date.now() });
  }

  /** For as long as somebody holds the link. */
  async #run(): Promise<void> {
    while (this.#isHeld) {
      const wait = this.#retryAt - performance.now();
      if (wait > 0) {
        await this.#pause(wait);
        continue;
      }
      const session = await this.session().catch(() => null);
      if (session === null) continue;
      const lost = await this.#follow(session);
      this.#session = null;
      if (lost !== undefined && !this.#closed.signal.aborted) this.#lost(lost);
      await session.close();
    }
    if (this.#closed.signal.aborted) return;
    await this.#session?.close();
    this.#session = null;
    this.#set({ reachability: 'unknown', since: null, problem: null });
  }

  /** Asks again and again; resolves with the reason when the session is of no use any more, undefined when nobody holds the link. */
  async #follow(session: SshSession): Promise<BulkheadError | undefined> {
    let sudo = true;
    while (!session.closed.aborted) {
      const loop = new QuestionLoop(session, this.#options.target(), sudo, (disk) => { this.#addDisk(disk); });
      const ended = await this.#ask(session, loop);
      loop.stop();
      if (ended === 'released') return undefined;
      if (ended === 'silent') {
        // the facts may be stuck behind a slow service manager: that is no lost host
        if (await isAlive(session)) continue;
        return new BulkheadError('HOST_UNREACHABLE', 'The host does not answer any more');
      }
      const reason = await loop.ended;
      if (reason === undefined) return undefined;
      if (sudo && noPrivilege.has(reason.code)) sudo = false;
      else if (noPrivilege.has(reason.code) || refusals.has(reason.code)) return reason;
      else if (!await isAlive(session)) return reason;
      else await this.#pause(firstRetryMs);
    }
    return new BulkheadError('SSH_CONNECTION_LOST');
  }

  async #ask(session: SshSession, loop: QuestionLoop): Promise<'released' | 'silent' | 'ended'> {
    let fullAt = Number.NEGATIVE_INFINITY;
    let hasEnded = false;
    const isOver = (): boolean => hasEnded || session.closed.aborted;
    void loop.ended.then(() => { hasEnded = true; this.#wake(); });
    for (;;) {
      if (isOver()) return 'ended';
      if (!this.#isHeld) return 'released';
      const startedAt = performance.now();
      const isFull = startedAt - fullAt >= slowFactsMs;
      const answer = await loop.ask(isFull, answerPatienceMs);
      if (answer === null) return isOver() ? 'ended' : 'silent';
      if (isFull) fullAt = startedAt;
      const { raw, sentAt, at } = answer;
      const vitals = vitalsFrom(this.state.value.vitals, raw, sentAt, at, Date.now());
      const disks = mergeDisks(vitals.disks, this.#early);
      this.#early = [];
      this.#set({ vitals: { ...vitals, disks }, heardAt: at, intervalMs: this.#intervalMs });
      await this.#pauseUntil(() => startedAt + this.#intervalMs, () => isOver() || !this.#isHeld);
    }
  }

  #lost(reason: BulkheadError): void {
    const { heardAt } = this.state.value;
    this.#failed(reason);
    // it was there until it was last heard, not until that was noticed
    if (this.state.value.reachability === 'unreachable' && heardAt !== null) this.#set({ since: Math.round(Date.now() - (performance.now() - heardAt)) });
    this.#retryAt = 0;
  }

  #addDisk(disk: RawDisk): void {
    const { vitals } = this.state.value;
    const told = { ...disk, at: performance.now() };
    // it may be quicker than the very first answer
    if (vitals === null) this.#early = [told];
    else this.#set({ vitals: { ...vitals, disks: mergeDisks(vitals.disks, [told]) } });
  }

  #set(part: Partial<LinkState>): void {
    this.state.set({ ...this.state.value, ...part });
  }

  /** Ends early when somebody begins to look. */
  async #pauseUntil(until: () => number, over: () => boolean): Promise<void> {
    while (!this.#closed.signal.aborted && !over()) {
      const wait = until() - performance.now();
      if (wait <= 0) return;
      // who looks is asked again soon
      await this.#pause(Math.min(wait, watchedMs / 2));
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => { clearTimeout(timer); resolve(); };
      if (this.#closed.signal.aborted) this.#wake();
    });
  }
}

/** A host that is gone is not waited for as long as a command that does not end. */
async function isAlive(session: SshSession): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => { timer = setTimeout(() => { resolve(false); }, signOfLifeMs); });
  const heard = session.run({ argv: ['true'] }, { timeoutMs: signOfLifeMs }).then(() => true, () => false);
  return Promise.race([heard, late]).finally(() => { clearTimeout(timer); });
}

function rebuilt(problem: LinkState['problem']): BulkheadError {
  return problem === null ? new BulkheadError('HOST_UNREACHABLE') : new BulkheadError(problem.code, problem.message, { hint: problem.hint });
}
