import { dropJournal, noteRunning, readJournalSettings, reloadUnits, serviceRuns, startService, stopService } from '../commands/service.ts';
import { paths, runFolder } from '../paths.ts';
import { command, type Step } from '../step.ts';
import type { NodeTarget } from '../target.ts';
import { journalFile, stopTimeoutMs, unitFile } from '../unit-file.ts';
import { fileStep } from './install.ts';

/** The unit, and the start of what it describes. */
export function serviceSteps(target: NodeTarget, runId: string): Step[] {
  const journal = fileStep('journal', 'Limit the journal of the node', {
    path: paths.journalFile, content: { text: journalFile(), placeholder: null }, mode: '644', uid: 0, gid: 0,
  }, runId);
  const unit = fileStep('unit', 'Install the unit', {
    path: paths.unitFile, content: { text: unitFile(target), placeholder: null }, mode: '644', uid: 0, gid: 0,
  }, runId);
  const patience = stopTimeoutMs(target);
  return [
    { ...journal, apply: [...journal.apply, ...command(readJournalSettings())], undo: [...journal.undo, dropJournal()] },
    { ...unit, apply: [...unit.apply, ...command(reloadUnits())], undo: [...unit.undo, reloadUnits()] },
    {
      id: 'start', title: 'Start the node',
      probe: serviceRuns(),
      apply: command(noteRunning(runFolder(runId)), ...startService(patience)),
      verify: serviceRuns(),
      undo: stopService(patience),
      after: ['runtime', 'bundle', 'cluster-key', 'database-password', 'config', 'current', 'unit'],
    },
  ];
}
