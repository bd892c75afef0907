import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { BulkheadError, consoleSessionPath, consoleWirePath, serve, type Handlers } from '../../contract/index.ts';
import { screenFile, shellAnswer, type ScreenAnswer } from '../screens/screen-files.ts';
import type { Transfers } from '../../control/index.ts';
import { isContentPath } from '../content/content-door.ts';
import { ConsoleAccess } from './access.ts';
import { sendContent } from './content-answers.ts';
import { unknownBrowserPage, usedAddressPage, welcomePage } from './plain-pages.ts';
import { isForeignFetch, isOwnHost, isOwnOrigin } from './request-origin.ts';
import { socketWire } from './socket-wire.ts';

export interface ConsoleOptions {
  readonly handlers: Handlers;
  readonly transfers: Transfers;
  /** folder of the built screens */
  readonly screens: string;
  /** 0 takes a free port */
  readonly port: number;
  readonly onInternalError: (operation: string, error: unknown) => void;
}

export interface RunningConsole {
  readonly port: number;
  /** A new address; it opens the console once. */
  newAddress(): string;
  /** Ends every connection; resolves when the port is free. */
  close(): Promise<void>;
}

const oneTimePath = '/open/';
const pingEveryMs = 15_000;
const browserLimit = 64;

/**
 * The screens over HTTP, the contract over a WebSocket, on 127.0.0.1 only.
 * @throws BulkheadError PORT_IN_USE
 */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const access = new ConsoleAccess();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_048_576, perMessageDeflate: false });
  const server = createServer((request, response) => {
    const sent = isContentPath(pathOf(request)) ? giveContent(request, response) : answer(request).then((made) => send(request, response, made));
    void sent.catch((error: unknown) => {
      options.onInternalError('console', error);
      response.destroy();
    });
  });
  server.headersTimeout = 10_000;
  // a slice of an upload may come over a slow tunnel
  server.requestTimeout = 120_000;

  /** Bytes in and out. A write needs the Origin of a page of ours; a browser sends it along with every request that is no GET (Fetch, 3.2). */
  const giveContent = (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reading = request.method === 'GET';
    const refused = !isOwnHost(request, port) ? shellAnswer(421, 'The console answers at its own address only.\n')
      : isForeignFetch(request, port) || (!reading && !isOwnOrigin(request, port)) ? shellAnswer(403, 'Not for pages of another site.\n')
        : access.knows(request) ? null : shellAnswer(401, unknownBrowserPage, 'text/html');
    if (refused === null) return sendContent(options.transfers, request, response);
    response.setHeader('Connection', 'close');
    send(request, response, refused);
    return Promise.resolve();
  };

  const answer = async (request: IncomingMessage): Promise<ScreenAnswer> => {
    if (!isOwnHost(request, port)) return shellAnswer(421, 'The console answers at its own address only.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return withHeader(shellAnswer(405, 'Only GET and HEAD.\n'), 'Allow', 'GET, HEAD');
    if (isForeignFetch(request, port)) return shellAnswer(403, 'Not for pages of another site.\n');
    const pathname = pathOf(request);
    if (pathname.startsWith(oneTimePath)) return redeem(request, pathname.slice(oneTimePath.length));
    const known = access.knows(request);
    if (pathname === consoleSessionPath) return shellAnswer(known ? 204 : 401, '');
    return known ? screenFile(options.screens, pathname) : shellAnswer(401, unknownBrowserPage, 'text/html');
  };

  /** Looking is not opening: only a real GET uses an address up, neither HEAD nor a browser that fetches ahead. */
  const redeem = (request: IncomingMessage, token: string): ScreenAnswer => {
    const ahead = request.headers['sec-purpose'] ?? request.headers['purpose'];
    if (request.method !== 'GET' || ahead !== undefined) return shellAnswer(204, '');
    const cookie = access.redeem(token);
    if (cookie === null) return shellAnswer(403, usedAddressPage, 'text/html');
    return withHeader(shellAnswer(200, welcomePage, 'text/html'), 'Set-Cookie', cookie);
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refusal = refuseUpgrade(request);
    if (refusal === null) sockets.handleUpgrade(request, socket, head, (browser) => attend(browser));
    else socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
  });

  const refuseUpgrade = (request: IncomingMessage): string | null => {
    if (request.url !== consoleWirePath) return '404 Not Found';
    if (!isOwnOrigin(request, port)) return '403 Forbidden';
    if (!access.knows(request)) return '401 Unauthorized';
    return sockets.clients.size < browserLimit ? null : '503 Service Unavailable';
  };

  const attend = (browser: WebSocket): void => {
    // a socket error is followed by its close, which is what ends the wire
    browser.on('error', () => undefined);
    keepAlive(browser);
    serve(options.handlers, socketWire(browser), { caller: 'console', onInternalError: options.onInternalError });
  };

  const port = await listen(server, options.port);
  access.listenOn(port);
  return {
    port,
    newAddress: () => `http://127.0.0.1:${port}${oneTimePath}${access.newToken()}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const browser of sockets.clients) browser.close(1001, 'the console ends');
      server.closeAllConnections();
      // a browser that does not answer the closing handshake may not hold the console up
      const patience = setTimeout(() => sockets.clients.forEach((browser) => browser.terminate()), 500);
      await closed.finally(() => clearTimeout(patience));
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, wanted: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new BulkheadError('PORT_IN_USE', `Port ${wanted} is taken`, { details: { port: wanted } }) : error);
    });
    server.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : wanted;
}

/** A browser that vanished without a close (a laptop that sleeps) is noticed by its silence. */
function keepAlive(browser: WebSocket): void {
  let heard = true;
  browser.on('pong', () => { heard = true; });
  const timer = setInterval(() => {
    if (!heard) return browser.terminate();
    heard = false;
    browser.ping();
  }, pingEveryMs);
  browser.once('close', () => clearInterval(timer));
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://console.invalid').pathname;
}

function withHeader(answer: ScreenAnswer, name: string, value: string): ScreenAnswer {
  return { ...answer, headers: { ...answer.headers, [name]: value } };
}

function send(request: IncomingMessage, response: ServerResponse, answer: ScreenAnswer): void {
  const length = answer.status === 204 ? {} : { 'Content-Length': String(answer.body.byteLength) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(request.method === 'HEAD' || answer.status === 204 ? undefined : answer.body);
}
