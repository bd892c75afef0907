import { randomBytes } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { State } from '../state/index.ts';
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
    const sealed = seal(await this.#dataKey(), Buffer.from(secret), name);
    this.#state.prepare('insert into secret (name, sealed, changed_at) values (?, ?, ?) on conflict (name) do update set sealed = excluded.sealed, changed_at = excluded.changed_at')
      .run(name, sealed, Date.now());
  }

  async read(name: string): Promise<string | undefined> {
    const row = this.#state.prepare<[string], { sealed: Buffer }>('select sealed from secret where name = ?').get(name);
    return row === undefined ? undefined : unseal(await this.#dataKey(), row.sealed, name).toString();
  }

  forget(name: string): void {
    this.#state.prepare('delete from secret where name = ?').run(name);
  }

  #dataKey(): Promise<Uint8Array> {
    this.#key ??= this.#openOrCreate();
    return this.#key;
  }

  async #openOrCreate(): Promise<Uint8Array> {
    const own = this.#wrapped();
    if (own !== undefined) return this.#box.unwrap(own);
    const others = this.#state.prepare<[], { protection: string }>('select protection from wrapped_key').all();
    if (others.length > 0) {
      throw new BulkheadError('FORBIDDEN', 'The stored secrets were locked by another way of running this app', {
        details: { openedBy: others.map(({ protection }) => protection), tried: this.#box.protection },
        hint: 'Open the app that way once, and allow this one.',
      });
    }
    const wrapped = await this.#box.wrap(randomBytes(32));
    this.#state.prepare('insert into wrapped_key (protection, wrapped) values (?, ?) on conflict do nothing').run(this.#box.protection, wrapped);
    // another shell may have been quicker: the stored one counts
    return this.#box.unwrap(this.#wrapped() ?? wrapped);
  }

  #wrapped(): Buffer | undefined {
    return this.#state.prepare<[string], { wrapped: Buffer }>('select wrapped from wrapped_key where protection = ?').get(this.#box.protection)?.wrapped;
  }
}
