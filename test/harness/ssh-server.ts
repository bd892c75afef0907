import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel, type ServerConfig } from 'ssh2';
import { hostKeyFrom, type HostKey } from '../../electron/control/ssh/host-key.ts';

/** Who is let in, and what is asked of him. */
export interface SignInRules {
  readonly password?: string;
  /** public keys, as they travel in base64 */
  readonly keys?: () => readonly string[];
  /** questions, and what the answers have to be */
  readonly questions?: readonly { readonly text: string; readonly echo: boolean; readonly answer: string }[];
  /** a key is not enough: the questions come after it */
  readonly both?: boolean;
}

export interface TestServerOptions {
  readonly rules: SignInRules;
  readonly hostKey?: string;
  readonly algorithms?: ServerConfig['algorithms'];
  /** environment of the commands that run here */
  readonly environment?: NodeJS.ProcessEnv;
  /** so many commands at once in a connection, as MaxSessions of sshd; all of them when left out */
  readonly maxSessions?: number;
  /** what is to be forwarded is neither made nor refused, as where the way beyond is silent */
  readonly forwardsNothing?: boolean;
}

/** An SSH server inside the test, which remembers everything that was sent to it before and during the login. Never part of a program. */
export class TestServer {
  /** one entry for each request: its method, and the password when one came */
  readonly requests: string[] = [];
  readonly hostKey: HostKey;
  readonly port: number;
  readonly #server: ssh2.Server;
  readonly #sockets: Set<Connection>;

  private constructor(server: ssh2.Server, hostKey: HostKey, sockets: Set<Connection>, requests: string[]) {
    this.#server = server;
    this.#sockets = sockets;
    this.requests = requests;
    this.hostKey = hostKey;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start({ rules, hostKey = newHostKey(), algorithms, ...serving }: TestServerOptions): Promise<TestServer> {
    const requests: string[] = [];
    const sockets = new Set<Connection>();
    const server = new ssh2.Server({ hostKeys: [hostKey], ...(algorithms === undefined ? {} : { algorithms }) }, (client) => {
      sockets.add(client);
      client.on('error', () => undefined);
      client.once('close', () => sockets.delete(client));
      let hasKey = false;
      client.on('authentication', (context) => {
        requests.push(context.method === 'password' ? `password ${context.password}` : context.method);
        if (hasKey && context.method === 'keyboard-interactive') ask(context, rules, requests);
        else if (isRight(context, rules)) {
          if (rules.both !== true || context.method !== 'publickey') context.accept();
          else if (context.signature === undefined) context.accept();
          else {
            hasKey = true;
            context.reject(['keyboard-interactive'], true);
          }
        } else if (context.method === 'keyboard-interactive' && rules.questions !== undefined && rules.both !== true) ask(context, rules, requests);
        else context.reject(offered(rules));
      });
      client.on('ready', () => { serveClient(client, serving); });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const [key] = [ssh2.utils.parseKey(hostKey)].flat() as [ParsedKey];
    return new TestServer(server, hostKeyFrom(key.getPublicSSH()), sockets, requests);
  }

  async stop(): Promise<void> {
    for (const client of this.#sockets) client.end();
    await new Promise<void>((resolve) => { this.#server.close(() => resolve()); });
  }
}

/** A private key for a host, in PEM. */
export function newHostKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

function offered({ password, keys, questions, both }: SignInRules): ('password' | 'publickey' | 'keyboard-interactive')[] {
  return [
    ...(keys === undefined ? [] : ['publickey' as const]), ...(password === undefined ? [] : ['password' as const]),
    ...(questions === undefined || both === true ? [] : ['keyboard-interactive' as const]),
  ];
}

function isRight(context: AuthContext, { password, keys }: SignInRules): boolean {
  if (context.method === 'password') return context.password === password;
  if (context.method !== 'publickey' || keys?.().includes(context.key.data.toString('base64')) !== true) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  const key = ssh2.utils.parseKey(context.key.data);
  return !(key instanceof Error) && key.verify(context.blob, context.signature, context.hashAlgo);
}

function ask(context: AuthContext, { questions = [] }: SignInRules, requests: string[]): void {
  if (context.method !== 'keyboard-interactive') return;
  context.prompt(questions.map(({ text, echo }) => ({ prompt: text, echo })), 'Second factor', 'Answer all', (answers) => {
    requests.push(`answers ${answers.join(',')}`);
    if (answers.length === questions.length && questions.every(({ answer }, index) => answers[index] === answer)) context.accept();
    else context.reject(['keyboard-interactive']);
  });
}

function serveClient(client: Connection, { environment = process.env, maxSessions = Infinity, forwardsNothing = false }: Omit<TestServerOptions, 'rules'>): void {
  let open = 0;
  client.on('session', (accept, reject) => {
    if (open >= maxSessions) {
      reject();
      return;
    }
    open += 1;
    const session = accept();
    session.once('close', () => { open -= 1; });
    session.on('exec', (acceptCommand, _reject, { command }) => { runCommand(acceptCommand(), command, environment); });
  });
  client.on('tcpip', (accept, reject, { destIP, destPort }) => {
    if (forwardsNothing) return;
    const socket: Socket = connectTcp(destPort, destIP);
    socket.once('connect', () => {
      const channel = accept();
      socket.on('error', () => channel.destroy());
      channel.on('error', () => socket.destroy());
      socket.pipe(channel).pipe(socket);
    });
    socket.once('error', () => { reject(); });
  });
}

function runCommand(channel: ServerChannel, command: string, environment: NodeJS.ProcessEnv): void {
  const child = spawn('sh', ['-c', command], { env: environment });
  channel.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => channel.write(chunk));
  child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
  child.once('close', (code) => {
    channel.exit(code ?? 255);
    channel.end();
  });
}
