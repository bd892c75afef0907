import { validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';

/** Larger answers are not copied to be sent in one piece. Bytes. */
const copied = 64 * 1024;
/** Room for the field lines that are of this answer alone. */
const ownBytes = 512;

/** The head of every 200 of one file, without the fields that are of one answer alone. */
export interface AnswerHead { readonly bytes: Buffer }

/** @param fields names and values in turn. Null when one of them cannot be sent: whoever sends it otherwise has the words for it */
export function answerHead(fields: readonly string[], keepAliveSeconds: number): AnswerHead | null {
  let text = 'HTTP/1.1 200 OK\r\n';
  for (let index = 0; index < fields.length; index += 2) {
    const [name = '', value = ''] = fields.slice(index, index + 2);
    try {
      validateHeaderValue(name, value);
    } catch {
      return null;
    }
    text += `${name}: ${value}\r\n`;
  }
  return { bytes: Buffer.from(`${text}Connection: keep-alive\r\nKeep-Alive: timeout=${String(keepAliveSeconds)}\r\n`, 'latin1') };
}

/** Puts answers together and sends them, each with one call into the system. */
export class AnswerWriter {
  #room = Buffer.allocUnsafeSlow(copied);
  /** what stands before that may still be read by the system */
  #at = 0;
  #second = 0;
  #date = '';

  /**
   * @param id   `X-Request-Id`; at most 128 characters that may stand in a header
   * @param body null for HEAD
   * @param sent called, with what went wrong, when the system has everything or never will
   * @returns bytes of the answer
   */
  write(socket: Socket, { bytes: head }: AnswerHead, id: string, body: Buffer | null, sent: (error?: Error | null) => void): number {
    const own = `Date: ${this.#dateAt(Date.now())}\r\nx-request-id: ${id}\r\n\r\n`;
    const size = head.length + own.length + (body?.length ?? 0);
    if (size > copied || head.length + ownBytes > copied) {
      socket.cork();
      socket.write(head);
      socket.write(own, 'latin1');
      socket.write(body ?? '', sent);
      socket.uncork();
      return size;
    }
    if (this.#at + size > copied) {
      this.#room = Buffer.allocUnsafeSlow(copied);
      this.#at = 0;
    }
    const room = this.#room.subarray(this.#at, this.#at + size);
    head.copy(room);
    room.write(own, head.length, 'latin1');
    if (body !== null) body.copy(room, head.length + own.length);
    socket.write(room, sent);
    // what the system has not taken yet is still read from there
    if (socket.writableLength > 0) this.#at += size;
    return size;
  }

  #dateAt(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(now).toUTCString();
    }
    return this.#date;
  }
}
