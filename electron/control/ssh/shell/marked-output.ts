import { StringDecoder } from 'node:string_decoder';

const keptBeforeMarker = 4096;

/** One output of a command: what comes before "marker, process id, ;" is the login shell's, what comes after it the command's. */
export class MarkedOutput {
  readonly #marker: string;
  readonly #limit: number;
  readonly #onText: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #before = '';
  #pid: number | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #truncated = false;

  /** @param limit bytes of the end that are kept */
  constructor(marker: string, limit: number, onText: (text: string) => void) {
    this.#marker = marker;
    this.#limit = limit;
    this.#onText = onText;
  }

  /** The process that the command runs as; undefined until it has started. */
  get pid(): number | undefined {
    return this.#pid;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  /** The last of what came before the marker. */
  get noise(): string {
    return Buffer.from(this.#before, 'latin1').toString();
  }

  add(chunk: Buffer): void {
    if (this.#pid !== undefined) {
      this.#keep(chunk);
      return;
    }
    // byte by byte as latin1, so that a marker is found wherever chunks are cut
    this.#before += chunk.toString('latin1');
    const at = this.#before.indexOf(this.#marker);
    const header = at < 0 ? null : /^(\d+);/.exec(this.#before.slice(at + this.#marker.length));
    if (header === null) {
      this.#before = this.#before.slice(-keptBeforeMarker);
      return;
    }
    const rest = this.#before.slice(at + this.#marker.length + header[0].length);
    this.#before = this.#before.slice(0, at);
    this.#pid = Number(header[1]);
    this.#keep(Buffer.from(rest, 'latin1'));
  }

  /** What the command printed, or the end of it. */
  end(): string {
    const rest = this.#decoder.end();
    if (rest !== '') this.#onText(rest);
    const all = Buffer.concat(this.#chunks);
    return all.subarray(Math.max(0, all.length - this.#limit)).toString();
  }

  #keep(chunk: Buffer): void {
    if (chunk.length === 0) return;
    const text = this.#decoder.write(chunk);
    if (text !== '') this.#onText(text);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limit) this.#truncated = true;
    while (this.#chunks[0] !== undefined && this.#bytes - this.#chunks[0].length >= this.#limit) {
      this.#bytes -= this.#chunks[0].length;
      this.#chunks.shift();
    }
  }
}
