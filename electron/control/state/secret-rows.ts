import type { State } from './open-state.ts';

export function writeSealed(state: State, name: string, sealed: Uint8Array): void {
  state.prepare(`
    insert into secret (name, sealed, changed_at) values (?, ?, ?)
    on conflict (name) do update set sealed = excluded.sealed, changed_at = excluded.changed_at
  `).run(name, sealed, Date.now());
}

export function readSealed(state: State, name: string): Uint8Array | undefined {
  return state.prepare<[string], { sealed: Buffer }>('select sealed from secret where name = ?').get(name)?.sealed;
}

export function deleteSealed(state: State, name: string): void {
  state.prepare('delete from secret where name = ?').run(name);
}

/** Ways in which the data key is wrapped. */
export function listProtections(state: State): string[] {
  return state.prepare<[], { protection: string }>('select protection from wrapped_key').all().map((row) => row.protection);
}

export function readWrappedKey(state: State, protection: string): Uint8Array | undefined {
  return state.prepare<[string], { wrapped: Buffer }>('select wrapped from wrapped_key where protection = ?').get(protection)?.wrapped;
}

/** Keeps the first one: of two shells that make a key at once, one wins. */
export function addWrappedKey(state: State, protection: string, wrapped: Uint8Array): void {
  state.prepare('insert into wrapped_key (protection, wrapped) values (?, ?) on conflict do nothing').run(protection, wrapped);
}
