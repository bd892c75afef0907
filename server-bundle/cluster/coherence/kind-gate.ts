import type { GoneRow, MemberRow } from '../../metadata/heartbeat.ts';
import { kindFeature } from '../cache-keys.ts';
import type { Hold } from '../mesh/messages.ts';
import type { Peer } from '../mesh/peer.ts';

/** Under this name the gate holds kinds: no incarnation is called so. */
export const kindGate = 'kind-gate';

export interface KindGateOptions {
  /** kinds that not every version prepares */
  readonly kinds: readonly string[];
  readonly install: (writer: string, hold: Hold) => void;
  readonly release: (writer: string, number: number) => void;
}

interface Known {
  readonly features: readonly string[];
  /** when its link was opened last, milliseconds of the monotonic clock */
  readonly at: number;
}

/**
 * Holds every later kind of cached answer, on this member alone, for as long as somebody may write who does not prepare it: a member
 * of an earlier version, and one that is gone but whose sessions are not ended yet. A writer takes no writes before this member has admitted
 * it over a link, or lost its right; so who is linked, and who is named by a heartbeat, are all that can write.
 */
export class KindGate {
  readonly #options: KindGateOptions;
  readonly #known = new Map<string, Known>();
  readonly #shut = new Set<string>();
  #writers: readonly string[] | null = null;

  constructor(options: KindGateOptions) {
    this.#options = options;
    for (const kind of options.kinds) this.#shutFor(kind);
  }

  /** A link says what its peer can do, before anything else comes over it. */
  opened(peer: Peer): void {
    this.#known.set(peer.incarnation, { features: peer.features ?? [], at: performance.now() });
    this.#look();
  }

  /** Takes over what a heartbeat found that was sent at `sentAt`. */
  observe(sentAt: number, others: readonly Pick<MemberRow, 'id' | 'state'>[], gone: readonly Pick<GoneRow, 'id' | 'sessions'>[]): void {
    const writing = [...others.filter(({ state }) => state !== 'starting'), ...gone.filter(({ sessions }) => sessions > 0)].map(({ id }) => id);
    this.#writers = writing;
    const named = new Set([...others.map(({ id }) => id), ...writing]);
    for (const [id, { at }] of this.#known) if (!named.has(id) && at < sentAt) this.#known.delete(id);
    this.#look();
  }

  #look(): void {
    for (const kind of this.#options.kinds) {
      if (this.#mayBeCached(kindFeature(kind))) this.#openFor(kind);
      else this.#shutFor(kind);
    }
  }

  #mayBeCached(feature: string): boolean {
    if (this.#writers === null) return false;
    return [...this.#known.values()].every(({ features }) => features.includes(feature))
      && this.#writers.every((id) => this.#known.get(id)?.features.includes(feature) === true);
  }

  #shutFor(kind: string): void {
    if (this.#shut.has(kind)) return;
    this.#shut.add(kind);
    this.#options.install(kindGate, { number: this.#options.kinds.indexOf(kind), keys: [], prefixes: [`${kind}:`] });
  }

  #openFor(kind: string): void {
    if (!this.#shut.delete(kind)) return;
    this.#options.release(kindGate, this.#options.kinds.indexOf(kind));
  }
}
