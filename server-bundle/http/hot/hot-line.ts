import { symbols, type Logger } from 'pino';
import type { HotRead } from './hot-reads.ts';

const plainText = /^[\w.:@-]*$/;

function inJson(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * The line of a read that was answered from memory, with the fields of every other request's. It is put together here: writing an object into JSON, whose fields could be
 * anything, costs as much as finding the file. What stands before the fields (level, time, what is on every line) is pino's.
 */
export function hotLine(log: Logger, everyRequest: boolean): (read: HotRead) => void {
  if (!everyRequest || !log.isLevelEnabled('info')) return () => undefined;
  const { [symbols.chindingsSym]: bindings, [symbols.streamSym]: stream } = log as unknown as Readonly<Record<symbol, unknown>>;
  if (typeof bindings !== 'string' || !isWritable(stream)) {
    return ({ id, method, path, status, seconds, bytesOut, user, address }) => {
      log.info({ reqId: id, method, path, status, ms: Math.round(seconds * 1e4) / 10, bytesIn: 0, bytesOut, user, address }, 'request');
    };
  }
  const level = `{"level":${String(log.levels.values['info'])},"time":`;
  return ({ id, method, path, status, seconds, bytesOut, user, address, at }) => {
    // method and path are plain already, or it would be no hot read
    stream.write(`${level}${String(at)}${bindings},"reqId":${inJson(id)},"method":"${method}","path":"${path}","status":${String(status)},"ms":${String(Math.round(seconds * 1e4) / 10)},"bytesIn":0,"bytesOut":${String(bytesOut)},"user":${inJson(user)},"address":${inJson(address)},"msg":"request"}\n`);
  };
}

function isWritable(stream: unknown): stream is { write(line: string): void } {
  return typeof stream === 'object' && stream !== null && 'write' in stream && typeof stream.write === 'function';
}
