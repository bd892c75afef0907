import { Duplex, PassThrough } from 'node:stream';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SshSession } from '../ssh/index.ts';

const unlimitedMs = 2 ** 31 - 1;
const openingMs = 8000;

/** Bytes that may be on their way without having been read: a slow reader must not make the whole answer pile up here. */
const windowBytes = 1024 * 1024;

/**
 * Connects on the host itself and hands bytes on between the connection and its own input and output; "+" says that it is connected. Both ways carry
 * base64, a piece a line, because a command's output is read as text, which not every byte survives; ":N" in the input says that N more bytes were read.
 */
const program = "const s=require('net').connect(+process.argv[1],process.argv[2]),i=process.stdin;let w=0,r='';"
  + "s.on('connect',()=>{process.stdout.write('+');"
  + "i.setEncoding('latin1').on('data',t=>{const l=(r+t).split('\\n');r=l.pop();for(const x of l){if(x[0]===':'){w-=+x.slice(1);"
  + `if(w<${windowBytes})s.resume()}else if(!s.write(Buffer.from(x,'base64'))){i.pause();s.once('drain',()=>i.resume())}}}).on('end',()=>s.end());`
  + `s.on('data',d=>{w+=d.length;process.stdout.write(d.toString('base64')+'\\n');if(w>=${windowBytes})s.pause()})});`
  + "s.on('error',()=>process.exit(7));s.on('close',()=>process.exit(0));";

/**
 * A TCP connection on the host, through a command instead of a forwarded channel: for hosts whose sshd forwards nothing. The host's own copy
 * of the runtime makes it.
 *
 * Throws FORWARDING_DENIED when the host has no runtime to do it with, FORWARDING_FAILED when nothing listens there.
 */
export async function streamThroughShell(session: SshSession, runtime: string, host: string, port: number): Promise<Duplex> {
  const input = new PassThrough();
  const stopped = new AbortController();
  let connected = (): void => undefined;
  const opened = new Promise<void>((resolve) => { connected = resolve; });
  let isOpen = false;
  let isOver = false;
  let rest = '';
  let wanted = false;
  const waiting: Buffer[] = [];
  const give = (): void => {
    while (wanted && waiting.length > 0) {
      const piece = waiting.shift() ?? Buffer.alloc(0);
      input.write(`:${piece.length}\n`);
      wanted = stream.push(piece);
    }
    if (isOver && waiting.length === 0) stream.push(null);
  };
  const stream = new Duplex({
    read: () => { wanted = true; give(); },
    write: (chunk: Buffer, _encoding, done) => { input.write(`${chunk.toString('base64')}\n`, done); },
    final: (done) => { input.end(); done(); },
    destroy: (error, done) => { input.end(); if (error !== null) stopped.abort(); done(error); },
  });
  const ended = session.run({ argv: [runtime, '-e', program, String(port), host] }, {
    stdin: input, timeoutMs: unlimitedMs, maxOutputBytes: 1024, signal: stopped.signal,
    onOutput: ({ stream: from, text }) => {
      if (from !== 'stdout') return;
      const lines = (rest + (isOpen ? text : text.slice(1))).split('\n');
      if (!isOpen) { isOpen = true; connected(); }
      rest = lines.pop() ?? '';
      waiting.push(...lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'base64')));
      if (!stream.destroyed) give();
    },
  });
  ended.then(() => { isOver = true; give(); }, (error: unknown) => { stream.destroy(error instanceof Error ? error : undefined); });
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
