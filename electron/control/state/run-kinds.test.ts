import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { listRunCommandRows, listRunStepRows, openState, readRunRow } from './index.ts';
import { migrations } from './migrations.ts';

it('keeps the runs of before, with their steps and commands, when runs of other kinds come', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-state-'));
  try {
    const old = new Sqlite(join(folder, 'control.sqlite'));
    old.pragma('foreign_keys = ON');
    const until = migrations.findIndex((text) => text.includes('run_next'));
    for (const migration of migrations.slice(0, until)) old.exec(migration);
    old.pragma(`user_version = ${until}`);
    old.exec(`insert into run values ('r', 'provision', 'c', 'h', 'n', '{}', 'done', null, 1, 2, 3);
      insert into run_step (run_id, number, step, title, state) values ('r', 0, 's', 't', 'done');
      insert into run_command (run_id, step, phase, command, started_at) values ('r', 's', 'apply', 'true', 1)`);
    old.close();
    const state = openState(folder);
    expect(readRunRow(state, 'r')).toMatchObject({ kind: 'provision', state: 'done' });
    expect([listRunStepRows(state, 'r').length, listRunCommandRows(state, 'r').length]).toEqual([1, 1]);
    state.prepare("update run set kind = 'balancer' where id = 'r'").run();
    state.prepare("delete from run where id = 'r'").run();
    expect([listRunStepRows(state, 'r').length, listRunCommandRows(state, 'r').length]).toEqual([0, 0]);
    state.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
