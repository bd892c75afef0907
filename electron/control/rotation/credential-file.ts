import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import {
  asRoot, checkCredentials, fileIsSo, refusalOf, reloadCredentials, script, serviceIsActive, writeFile, type CommandResult, type HostFile, type RemoteCommand, type RemoteHost,
} from '../provision/index.ts';

/** A node that runs takes new credentials over within milliseconds; a busy host gets longer. */
const takeOverMs = 30_000;
const askAgainMs = 200;

const answer = z.object({ asInFiles: z.boolean(), sealedOtherwise: z.number() });

export interface ServiceAccount {
  readonly uid: number;
  readonly gid: number;
}

/** Credentials of one node on its host: written as a whole, then taken over by the node while it serves. */
export class CredentialFile {
  readonly #host: RemoteHost;
  readonly #account: ServiceAccount;
  readonly #admin: string;
  readonly #signal: AbortSignal;

  /** @param admin password of the user "admin", to ask the running node */
  constructor(host: RemoteHost, account: ServiceAccount, admin: string, signal: AbortSignal) {
    this.#host = host;
    this.#account = account;
    this.#admin = admin;
    this.#signal = signal;
  }

  /** Throws when the running node could not take credentials over; a node that does not run reads its files when it starts. */
  async requireReloadable(): Promise<void> {
    if (await this.#isActive()) await this.#holds();
  }

  /**
   * Throws CREDENTIALS_INVALID when the file holds a line that is none of these: another desktop has replaced the secret, and what is written over it
   * would part the node from the others. Nothing of the file is printed.
   */
  async requireOnly(path: string, lines: readonly string[], nodeId: string): Promise<void> {
    const { exitCode } = await this.#run({ ...asRoot(...script('[ -r "$1" ] || exit 2; ! grep -qvxFf - "$1"', path)), input: { text: `${lines.join('\n')}\n`, placeholder: '<credentials>' } });
    if (exitCode === 0) return;
    throw new BulkheadError('CREDENTIALS_INVALID', `${nodeId} ${exitCode === 2 ? 'has no such file' : 'holds another secret than this app knows'}: ${path}`, {
      hint: 'Another desktop has replaced it. Adopt the cluster again from one of its hosts, then replace it. Nothing was changed.',
    });
  }

  /** Whether the file holds exactly these lines. */
  async isSo(path: string, lines: readonly string[]): Promise<boolean> {
    return (await this.#run(fileIsSo(this.#fileOf(path, lines)))).exitCode === 0;
  }

  /** Resolves when the file holds these lines and the running node uses them. */
  async give(path: string, lines: readonly string[]): Promise<void> {
    if (!await this.isSo(path, lines)) await this.#succeed(writeFile(this.#fileOf(path, lines)));
    if (!await this.#isActive()) return;
    if ((await this.#holds()).asInFiles) return;
    await this.#succeed(reloadCredentials());
    await this.#until('The node does not take the new credentials over', ({ asInFiles }) => asInFiles);
  }

  /** Resolves when the master has sealed everything stored with the present key. A node that does not run cannot tell: others do. */
  async untilSealed(): Promise<void> {
    if (await this.#isActive()) await this.#until('The cluster does not seal its stored secrets with the new key', ({ sealedOtherwise }) => sealedOtherwise === 0);
  }

  async #until(complaint: string, isSo: (found: z.infer<typeof answer>) => boolean): Promise<void> {
    const deadline = performance.now() + takeOverMs;
    while (!isSo(await this.#holds())) {
      if (performance.now() > deadline) throw new BulkheadError('STEP_FAILED', complaint, { hint: 'Its journal says why. Both the old and the new ones are valid: run it again.' });
      await delay(askAgainMs, undefined, { signal: this.#signal });
    }
  }

  async succeed(command: RemoteCommand): Promise<void> {
    await this.#succeed(command);
  }

  #fileOf(path: string, lines: readonly string[]): HostFile {
    return { path, content: { text: `${lines.join('\n')}\n`, placeholder: '<credentials>' }, mode: '600', ...this.#account };
  }

  async #isActive(): Promise<boolean> {
    return (await this.#run(serviceIsActive())).exitCode === 0;
  }

  /** What the running node holds, held against its files. */
  async #holds(): Promise<z.infer<typeof answer>> {
    const { uid, gid } = this.#account;
    const deadline = performance.now() + takeOverMs;
    for (;;) {
      const result = await this.#run(checkCredentials(uid, gid, `admin:${this.#admin}`));
      if (result.exitCode === 0) return answer.parse(JSON.parse(result.stdout));
      const refusal = refusalOf(result.stderr);
      // one that is just joining, or joining again after a cut, answers in a moment
      if (refusal.code !== 'NOT_SERVING' || performance.now() > deadline) throw failed(result);
      await delay(askAgainMs, undefined, { signal: this.#signal });
    }
  }

  async #succeed(command: RemoteCommand): Promise<CommandResult> {
    const result = await this.#run(command);
    if (result.exitCode === 0) return result;
    throw failed(result);
  }

  #run(command: RemoteCommand): Promise<CommandResult> {
    return this.#host.run(command, this.#signal);
  }
}

function failed({ exitCode, stderr }: CommandResult): BulkheadError {
  const { code, message, hint } = refusalOf(stderr);
  return new BulkheadError('STEP_FAILED', message, { hint, details: { code, exitCode } });
}
