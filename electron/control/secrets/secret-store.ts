import { randomBytes } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { addWrappedKey, deleteSealed, listProtections, readSealed, readWrappedKey, writeSealed, type State } from '../state/index.ts';
import { seal, unseal } from './file-box.ts';
import type { SecretBox } from './secret-box.ts';

/** Secrets at rest, by name. Nothing here ever travels toward a screen. */
export class SecretStore {
  readonly #state: State;
  readonly #box: SecretBox;
  #key: Promise<Uint8Array> | undefined;

  constructor(state: State, box: SecretBox) {
    this.#state = state;
    this.#box = box;
  }

  get protection(): { protection: SecretBox['protection']; note: string } {
    return { protection: this.#box.protection, note: this.#box.note };
  }

  async write(name: string, secret: string): Promise<void> {
    // the name is bound in, so that one secret cannot be put in another's place
    writeSealed(this.#state, name, seal(await this.#dataKey(), Buffer.from(secret), name));
  }

  async read(name: string): Promise<string | undefined> {
    const sealed = readSealed(this.#state, name);
    return sealed === undefined ? undefined : unseal(await this.#dataKey(), sealed, name).toString();
  }

  forget(name: string): void {
    deleteSealed(this.#state, name);
  }

  #dataKey(): Promise<Uint8Array> {
    this.#key ??= this.#openOrCreate();
    return this.#key;
  }

  async #openOrCreate(): Promise<Uint8Array> {
    const { protection } = this.#box;
    const own = readWrappedKey(this.#state, protection);
    if (own !== undefined) return this.#box.unwrap(own);
    const others = listProtections(this.#state);
    if (others.length > 0) {
      throw new BulkheadError('FORBIDDEN', 'The stored secrets were locked by another way of running this app', {
        details: { openedBy: others, tried: protection },
        hint: 'Open the app that way once, and allow this one.',
      });
    }
    const wrapped = await this.#box.wrap(randomBytes(32));
    addWrappedKey(this.#state, protection, wrapped);
    // another shell may have been quicker: the stored one counts
    return this.#box.unwrap(readWrappedKey(this.#state, protection) ?? wrapped);
  }
}
