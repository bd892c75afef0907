import { StringDecoder } from 'node:string_decoder';

const keptBeforeMarker = 4096;

/** One output of a command: what comes before "marker, process id, ;" is the login shell's, what comes after it the command's. */
export class MarkedOutput {
  readonly #marker: RegExp;
  readonly #opening: RegExp | undefined;
  readonly #limit: number;
  readonly #onText: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #before = '';
  /** what came before the opening, once that has come */
  #earlier: string | undefined;
  #pid: number | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #truncated = false;

  /**
   * @param limit bytes of the end that are kept
   * @param opening a marker like the other one, where the login shell is through and something else speaks before the command does
   */
  constructor(marker: string, limit: number, onText: (text: string) => void, opening?: string) {
    this.#marker = headerOf(marker);
    this.#opening = opening === undefined ? undefined : headerOf(opening);
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
    return Buffer.from(`${this.#earlier ?? ''}${this.#before}`, 'latin1').toString();
  }

  /** What has come since the opening: nothing of it is the login shell's. */
  get opened(): string {
    return this.#earlier === undefined ? '' : Buffer.from(this.#before, 'latin1').toString();
  }

  add(chunk: Buffer): void {
    if (this.#pid !== undefined) {
      this.#keep(chunk);
      return;
    }
    // byte by byte as latin1, so that a marker is found wherever chunks are cut
    this.#before += chunk.toString('latin1');
    this.#open();
    const header = this.#marker.exec(this.#before);
    if (header === null) {
      this.#before = this.#before.slice(-keptBeforeMarker);
      return;
    }
    const rest = this.#before.slice(header.index + header[0].length);
    this.#before = this.#before.slice(0, header.index);
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

  #open(): void {
    const header = this.#earlier === undefined ? this.#opening?.exec(this.#before) ?? null : null;
    if (header === null) return;
    this.#earlier = this.#before.slice(0, header.index);
    this.#before = this.#before.slice(header.index + header[0].length);
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

/** With a number behind it: a shell that prints the lines that it runs shows the marker, and not the process. */
function headerOf(marker: string): RegExp {
  return new RegExp(`${marker}(\\d+);`);
}
