import type { RunUpload } from '../../contract/index.ts';

/** Between two pieces of news, milliseconds: more than the eye can follow would only cost. */
const newsMs = 250;
/** The rate is that of this long, milliseconds. */
const windowMs = 3000;

/** Turns the bytes of an upload into news of it, not more often than somebody can read them. */
export class UploadMeter {
  readonly #file: string;
  readonly #tell: (upload: RunUpload) => void;
  readonly #now: () => number;
  #samples: { readonly at: number; readonly sent: number }[] = [];
  #toldAt = -Infinity;

  /** @param now milliseconds of any clock that only goes forward */
  constructor(file: string, tell: (upload: RunUpload) => void, now: () => number = () => performance.now()) {
    this.#file = file;
    this.#tell = tell;
    this.#now = now;
  }

  /** The first call is the offset from which it goes on: what was there before counts as sent, not as fast. */
  progress(sentBytes: number, totalBytes: number): void {
    const at = this.#now();
    this.#samples.push({ at, sent: sentBytes });
    if (at - this.#toldAt < newsMs && sentBytes < totalBytes) return;
    this.#toldAt = at;
    const from = this.#samples.findLastIndex((sample) => sample.at <= at - windowMs);
    if (from > 0) this.#samples = this.#samples.slice(from);
    const [first = { at, sent: sentBytes }] = this.#samples;
    const seconds = (at - first.at) / 1000;
    this.#tell({ file: this.#file, sentBytes, totalBytes, bytesPerSecond: seconds <= 0 ? null : (sentBytes - first.sent) / seconds });
  }
}
