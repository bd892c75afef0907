import type { ObservedState } from '../../../server-bundle/contract/index.ts';
import type { NodeDetails } from '../../contract/index.ts';
import type { OwnWord } from './observation.ts';

/** Codes that say that the question never got to the node: that is not the node's silence. */
const neverArrived = new Set(['HOST_UNREACHABLE', 'SSH_CONNECTION_LOST', 'FORWARDING_DENIED', 'AUTH_FAILED', 'HOST_KEY_UNKNOWN', 'HOST_KEY_CHANGED', 'HOST_KEY_REVOKED', 'CANCELLED']);

/** Asks nodes for their own word, each by itself: one that does not answer holds nobody up. */
export class OwnWords {
  readonly values = new Map<string, OwnWord>();
  readonly #askedAt = new Map<string, number>();
  readonly #asking = new Map<string, Promise<void>>();
  readonly #ask: (nodeId: string, url: string) => Promise<ObservedState>;
  readonly #onWord: () => void;

  /** @param onWord a node has said something else than before */
  constructor(ask: (nodeId: string, url: string) => Promise<ObservedState>, onWord: () => void) {
    this.#ask = ask;
    this.#onWord = onWord;
  }

  /** Asks a node when the last question is `everyMs` old. @param api how it is reached, read after a failure */
  askWhenDue(nodeId: string, url: string, everyMs: number, api: () => NodeDetails['api']): void {
    const now = performance.now();
    if (this.#asking.has(nodeId) || now - (this.#askedAt.get(nodeId) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    this.#askedAt.set(nodeId, now);
    const before = this.values.get(nodeId) ?? { heard: null, silentSince: null };
    const asking = this.#ask(nodeId, url).then(
      (state) => { this.#note(nodeId, { heard: { value: state, at: performance.now() }, silentSince: null }); },
      () => {
        const { problem } = api();
        const isSilence = problem === null || !neverArrived.has(problem.code);
        this.#note(nodeId, { heard: before.heard, silentSince: isSilence ? before.silentSince ?? now : null });
      },
    ).finally(() => this.#asking.delete(nodeId));
    this.#asking.set(nodeId, asking);
  }

  keepOnly(nodeIds: ReadonlySet<string>): void {
    for (const nodeId of this.values.keys()) if (!nodeIds.has(nodeId)) this.values.delete(nodeId);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#asking.values());
  }

  #note(nodeId: string, word: OwnWord): void {
    const before = this.values.get(nodeId);
    this.values.set(nodeId, word);
    if (before?.heard?.value !== word.heard?.value || (before?.silentSince === null) !== (word.silentSince === null)) this.#onWord();
  }
}
