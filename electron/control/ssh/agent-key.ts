import { readFile } from 'node:fs/promises';
import ssh2, { type BaseAgent, type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { hostKeyFrom } from './host-key.ts';
import { publicKeysIn, type PublicKey } from './public-key.ts';

/** An agent that shows one of its keys and no other. */
export interface AgentKey {
  readonly agent: BaseAgent;
  readonly key: PublicKey;
}

/**
 * The key that a file names, held by an agent, as ssh looks for it where the file cannot be used by itself: it is encrypted and nobody has given
 * the passphrase, or it is the public half only. @param socket `none`: no agent may be asked. Null: nothing tells which key that is, or the agent does not hold it.
 */
export async function keyOfAgent(path: string, socket: string | undefined): Promise<AgentKey | null> {
  if (socket === undefined || socket === '' || socket === 'none') return null;
  const key = await publicHalfOf(path);
  if (key === null) return null;
  const agent = ssh2.createAgent(socket);
  const held = (await identitiesOf(agent)).find((each) => hostKeyFrom(each.getPublicSSH()).key === key.key);
  return held === undefined ? null : { agent: new OneKey(agent, held), key };
}

/** The file may be the public half itself; else it lies beside it. */
async function publicHalfOf(path: string): Promise<PublicKey | null> {
  for (const file of [path, `${path}.pub`]) {
    const [key] = publicKeysIn(await readFile(file, 'utf8').catch(() => ''));
    if (key !== undefined) return key;
  }
  return null;
}

function identitiesOf(agent: BaseAgent): Promise<readonly ParsedKey[]> {
  return new Promise((resolve) => {
    // an agent that does not answer holds nothing; with a socket it gives parsed keys
    agent.getIdentities((error, keys) => { resolve(error || keys === undefined ? [] : keys as readonly ParsedKey[]); });
  });
}

class OneKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent;
  readonly #key: ParsedKey;

  constructor(agent: BaseAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.#key]);
  }

  override sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }
}
