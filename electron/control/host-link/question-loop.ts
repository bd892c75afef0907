import { PassThrough } from 'node:stream';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SshSession } from '../ssh/index.ts';
import { factsLoop, type FactsTarget } from './facts-script.ts';
import { FactsParser, type RawDisk, type RawFacts } from './parse-facts.ts';

/** As long as a timer can be: the loop on the host ends with its input. */
const unlimitedMs = 2 ** 31 - 1;

export interface Answer {
  readonly raw: RawFacts;
  /** monotonic, milliseconds */
  readonly sentAt: number;
  readonly at: number;
}

/** The facts loop of one session: asked by a line, it answers by some. */
export class QuestionLoop {
  /** resolves when the loop has ended, whatever the reason; undefined when it was told to */
  readonly ended: Promise<BulkheadError | undefined>;
  readonly #input = new PassThrough();
  readonly #parser = new FactsParser();
  readonly #waiting = new Map<number, { sentAt: number; answered: (answer: Answer) => void }>();
  readonly #onDisk: (disk: RawDisk) => void;
  readonly #stopped = new AbortController();
  #number = 0;

  constructor(session: SshSession, target: FactsTarget, sudo: boolean, onDisk: (disk: RawDisk) => void) {
    this.#onDisk = onDisk;
    this.ended = session.run(factsLoop(target), {
      stdin: this.#input, sudo, timeoutMs: unlimitedMs, maxOutputBytes: 2048, signal: this.#stopped.signal,
      onOutput: ({ stream, text }) => { if (stream === 'stdout') this.#read(text); },
    }).then(
      ({ exitCode, stderr }) => new BulkheadError('SSH_CONNECTION_LOST', 'The host ended the command that describes it', { details: { exitCode, stderr: stderr.slice(-500) } }),
      (error: unknown) => (this.#stopped.signal.aborted ? undefined : error instanceof BulkheadError ? error : new BulkheadError('SSH_CONNECTION_LOST', undefined, { cause: error })),
    );
  }

  /** Asks; resolves to null when nothing comes in time. A late answer is dropped. */
  ask(full: boolean, patienceMs: number): Promise<Answer | null> {
    this.#number += 1;
    const number = this.#number;
    return new Promise((resolve) => {
      const timer = setTimeout(() => { this.#waiting.delete(number); resolve(null); }, patienceMs);
      this.#waiting.set(number, { sentAt: performance.now(), answered: (answer) => { clearTimeout(timer); resolve(answer); } });
      this.#input.write(`${number} ${full ? 'full' : 'quick'}\n`);
      void this.ended.then(() => { clearTimeout(timer); resolve(null); });
    });
  }

  stop(): void {
    this.#stopped.abort();
    this.#input.end();
  }

  #read(text: string): void {
    const { answers, disks } = this.#parser.add(text);
    for (const raw of answers) {
      const waiting = this.#waiting.get(raw.number);
      this.#waiting.delete(raw.number);
      waiting?.answered({ raw, sentAt: waiting.sentAt, at: performance.now() });
    }
    for (const disk of disks) this.#onDisk(disk);
  }
}
