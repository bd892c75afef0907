import type { Logger } from 'pino';
import type { MemberSession } from '../cluster/session.ts';
import type { NodeConfig } from '../config/schema.ts';
import type { ObservedState } from '../contract/index.ts';
import type { HeartbeatAnswer } from '../metadata/heartbeat.ts';
import { setDesired } from '../metadata/membership.ts';
import { Drain } from './draining.ts';
import type { RequestCount } from './in-flight.ts';

export interface DesiredStateOptions {
  readonly timing: NodeConfig['timing'];
  readonly log: Logger;
  readonly inFlight: RequestCount;
  /** told each state that the node passes through on the way to the desired one */
  readonly onState: (state: ObservedState) => void;
}

/**
 * Brings this node to what its operator wants of it: drained, or serving. The word comes with each heartbeat and outlives a restart.
 * A node that stops drains itself the same way first.
 */
export class DesiredState {
  readonly #options: DesiredStateOptions;
  readonly #hurry = new AbortController();
  #desired: HeartbeatAnswer['desired'] = 'serving';
  #drain: Drain | null = null;

  constructor(options: DesiredStateOptions) {
    this.#options = options;
  }

  /** What a session that has just joined begins with: who is to be drained does not serve first. */
  get initially(): 'serving' | 'drained' {
    return this.#desired === 'serving' || this.#desired === 'stopped' ? 'serving' : 'drained';
  }

  /** Whether the drain under way still takes requests; false when there is none. */
  get takesRequests(): boolean {
    return this.#drain?.takesRequests === true;
  }

  /** Acts on the word that came with a heartbeat. Returns at once. */
  follow(session: MemberSession, answer: HeartbeatAnswer): void {
    this.#desired = answer.desired;
    if (session.state === 'starting') return;
    const drained = answer.desired === 'draining' || answer.desired === 'drained';
    if (drained && session.state === 'serving') void this.#runDrain(session, answer.drainRemainingMs);
    if (answer.desired === 'serving' && session.state !== 'serving') void this.#undrain(session);
  }

  /** Takes back the drain under way, if there is one. */
  cancel(): void {
    this.#drain?.cancel();
    this.#drain = null;
  }

  /** Cuts the notice and the waiting of every drain short, from now on. */
  hurry(): void {
    this.#hurry.abort();
  }

  async #runDrain(session: MemberSession, remainingMs: number | null): Promise<void> {
    const { log, inFlight, onState } = this.#options;
    const { drainNoticeMs, drainDeadlineMs } = this.#options.timing;
    const drain = new Drain(this.#hurry.signal);
    this.#drain = drain;
    onState('draining');
    log.info('draining');
    try {
      const running = drain.run(session, inFlight, {
        noticeMs: drainNoticeMs, deadlineMs: Math.max(drainNoticeMs, remainingMs ?? drainDeadlineMs),
      });
      await session.events.publish({ type: 'node.draining', nodeId: session.nodeId, message: `${session.nodeId} drains` });
      const finished = await running;
      if (drain.cancelled || session.signal.aborted) return;
      session.state = 'drained';
      onState('drained');
      await setDesired(session.work.db, session.nodeId, 'drained', null);
      await session.events.publish({
        type: 'node.drained', nodeId: session.nodeId, message: `${session.nodeId} is drained`, detail: { finished, inFlight: inFlight.count },
      });
    } catch (error) {
      log.warn({ err: error }, 'a drain could not be recorded');
    }
  }

  async #undrain(session: MemberSession): Promise<void> {
    this.cancel();
    session.state = 'serving';
    this.#options.onState('serving');
    this.#options.log.info('serving again');
    session.announce();
    await session.events.publish({ type: 'node.undrained', nodeId: session.nodeId, message: `${session.nodeId} serves again` }).catch(() => undefined);
  }

  /**
   * Drains a node that stops and takes it out of the cluster. Never throws: what could not be told to the database is found by the
   * others.
   * @param databaseLost there is nobody to hand anything over to: nothing is waited for
   */
  async leave(session: MemberSession, databaseLost: boolean): Promise<void> {
    const { log, inFlight, onState, timing } = this.#options;
    try {
      if (session.state === 'serving' && !databaseLost) {
        this.#drain = new Drain(this.#hurry.signal);
        onState('draining');
        await this.#drain.run(session, inFlight, { noticeMs: timing.drainNoticeMs, deadlineMs: timing.drainDeadlineMs });
      } else if (session.state === 'draining') {
        await inFlight.none(AbortSignal.any([this.#hurry.signal, AbortSignal.timeout(timing.drainDeadlineMs)]));
      }
      session.state = 'drained';
      onState('stopped');
      await session.leave();
    } catch (error) {
      log.warn({ err: error }, 'left without telling the database');
    } finally {
      session.end();
    }
  }
}
