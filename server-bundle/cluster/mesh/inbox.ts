import type { RawData, WebSocket } from 'ws';

/**
 * Keeps what arrives on a socket in order until somebody takes it: while a link is being proven one by one, afterwards by
 * delivery. Several frames may come in one piece, so a listener that is added a moment later would miss some.
 */
export class Inbox {
  readonly #waiting: string[] = [];
  readonly #longestWhileWaiting: number;
  #wake: (() => void) | undefined;
  #deliver: ((text: string) => void) | undefined;
  #ended = false;

  /** @param longestWhileWaiting characters; a longer message before delivery begins ends the socket */
  constructor(socket: WebSocket, longestWhileWaiting: number) {
    this.#longestWhileWaiting = longestWhileWaiting;
    socket.on('message', (data) => { this.#take(socket, textOf(data)); });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  #take(socket: WebSocket, text: string): void {
    if (this.#deliver !== undefined) {
      this.#deliver(text);
      return;
    }
    // more than a greeting can only be a proven peer's first messages
    if (this.#waiting.length === 0 && text.length > this.#longestWhileWaiting && this.#wake !== undefined) {
      socket.terminate();
      return;
    }
    this.#waiting.push(text);
    this.#wake?.();
  }

  /** The next message; rejects when the socket ends first. */
  async next(): Promise<string> {
    while (this.#waiting.length === 0) {
      if (this.#ended) throw new Error('the link ended before it was open');
      await new Promise<void>((resolve) => { this.#wake = resolve; });
      this.#wake = undefined;
    }
    return this.#waiting.shift() ?? '';
  }

  /** From now on everything goes to `deliver`, what has arrived before first. */
  deliverTo(deliver: (text: string) => void): void {
    this.#deliver = deliver;
    for (const text of this.#waiting.splice(0)) deliver(text);
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8');
}
