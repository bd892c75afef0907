import { Duplex, PassThrough } from 'node:stream';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SshSession } from '../ssh/index.ts';

const unlimitedMs = 2 ** 31 - 1;
const openingMs = 8000;

/** Connects on the host itself and hands bytes on between the connection and its own input and output; "+" says that it is connected. */
const program = "const s=require('net').connect(+process.argv[1],process.argv[2]);"
  + "s.on('connect',()=>{process.stdout.write('+');process.stdin.pipe(s);s.pipe(process.stdout)});"
  + "s.on('error',()=>process.exit(7));s.on('close',()=>process.exit(0));";

/**
 * A TCP connection on the host, through a command instead of a forwarded channel: for hosts whose sshd forwards nothing. The host's own copy
 * of the runtime makes it. What comes back has to be text in UTF-8, as the node's interface is.
 *
 * Throws FORWARDING_DENIED when the host has no runtime to do it with, FORWARDING_FAILED when nothing listens there.
 */
export async function streamThroughShell(session: SshSession, runtime: string, host: string, port: number): Promise<Duplex> {
  const input = new PassThrough();
  const stopped = new AbortController();
  let connected = (): void => undefined;
  const opened = new Promise<void>((resolve) => { connected = resolve; });
  let isOpen = false;
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => { input.write(chunk, done); },
    final: (done) => { input.end(); done(); },
    destroy: (error, done) => { input.end(); if (error !== null) stopped.abort(); done(error); },
  });
  const ended = session.run({ argv: [runtime, '-e', program, String(port), host] }, {
    stdin: input, timeoutMs: unlimitedMs, maxOutputBytes: 1024, signal: stopped.signal,
    onOutput: ({ stream: from, text }) => {
      if (from !== 'stdout') return;
      const content = isOpen ? text : text.slice(1);
      if (!isOpen) { isOpen = true; connected(); }
      if (content !== '' && !stream.destroyed) stream.push(Buffer.from(content));
    },
  });
  ended.then(() => { stream.push(null); }, (error: unknown) => { stream.destroy(error instanceof Error ? error : undefined); });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => { reject(new BulkheadError('FORWARDING_FAILED', `${host}:${port} did not answer on the host`)); }, openingMs); });
  const over = ended.then(({ exitCode }) => {
    if (exitCode === 7) throw new BulkheadError('FORWARDING_FAILED', `The host could not connect to ${host}:${port}`);
    throw new BulkheadError('FORWARDING_DENIED', 'The host forwards no connections, and has no runtime that could make one', { details: { runtime, exitCode } });
  });
  try {
    await Promise.race([opened, late, over]);
    return stream;
  } catch (error) {
    stopped.abort();
    stream.on('error', () => undefined).destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    over.catch(() => undefined);
    late.catch(() => undefined);
  }
}
