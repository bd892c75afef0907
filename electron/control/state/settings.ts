import type { State } from './open-state.ts';

/** A named text value of the app; undefined when it was never set. */
export function readSetting(state: State, key: string): string | undefined {
  const row = state.prepare<[string], { value: string }>('select value from setting where key = ?').get(key);
  return row?.value;
}

export function writeSetting(state: State, key: string, value: string): void {
  state.prepare('insert into setting (key, value) values (?, ?) on conflict (key) do update set value = excluded.value').run(key, value);
}
