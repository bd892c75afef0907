import { noteRunning, reloadUnits, serviceRuns, startService, stopService } from '../commands/service.ts';
import { paths, runFolder } from '../paths.ts';
import { command, type Step } from '../step.ts';
import type { NodeTarget } from '../target.ts';
import { stopTimeoutMs, unitFile } from '../unit-file.ts';
import { fileStep } from './install.ts';

/** The unit, and the start of what it describes. */
export function serviceSteps(target: NodeTarget, runId: string): Step[] {
  const unit = fileStep('unit', 'Install the unit', {
    path: paths.unitFile, content: { text: unitFile(target), placeholder: null }, mode: '644', uid: 0, gid: 0,
  }, runId);
  const patience = stopTimeoutMs(target);
  return [
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
