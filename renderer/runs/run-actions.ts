import type { RunSummary } from '../../electron/contract/index.ts';
import type { Action } from '../commands/action.ts';
import { isGoingBack, isOpen } from './run-words.ts';

/** What can be done with a run in its present state. */
export function runActions(run: RunSummary, blocked: string | null): Action[] {
  if (run.state === 'running' || run.state === 'rolling-back') return [cancelAction(run, blocked)];
  if (!isOpen(run)) return [];
  const back = isGoingBack(run);
  if (run.kind === 'remove') return [retryAction(run, blocked, 'primary')];
  return back ? [rollbackAction(run, blocked, 'primary')] : [retryAction(run, blocked, 'primary'), rollbackAction(run, blocked, 'normal')];
}

const subject = ({ runId }: RunSummary): string => `run:${runId}`;

function cancelAction(run: RunSummary, blocked: string | null): Action {
  return {
    id: `run.cancel.${run.runId}`, subject: subject(run), label: 'Cancel', progress: `Stopping on ${run.nodeId}`, tone: 'normal', blocked, question: null,
    explanation: 'Stops after the command under way. What was done stays on the host, to go on with or to take back.',
    run: (client, signal) => client.call('runs.cancel', { runId: run.runId }, { signal }),
  };
}

function retryAction(run: RunSummary, blocked: string | null, tone: Action['tone']): Action {
  return {
    id: `run.resume.${run.runId}`, subject: subject(run), label: 'Retry from here', progress: `Going on with ${run.nodeId}`, tone, blocked, question: null,
    explanation: 'Looks at every step again, skips what is so already, and goes on where it stopped.',
    run: (client, signal) => client.call('runs.resume', { runId: run.runId }, { signal }),
  };
}

function rollbackAction(run: RunSummary, blocked: string | null, tone: Action['tone']): Action {
  const touched = run.steps.filter((step) => step.touched && step.state !== 'undone').map(({ title }) => title);
  return {
    id: `run.rollback.${run.runId}`, subject: subject(run), label: 'Roll back', progress: `Taking back what was done on ${run.nodeId}`, tone, blocked,
    explanation: 'Takes back what this run has changed on the host, the last first.',
    question: {
      title: `Take back what was done on ${run.nodeId}?`,
      does: touched.length === 0
        ? ['This run has changed nothing that had to be taken back; only its traces go.']
        : [`${touched.length === 1 ? 'One step is' : `${touched.length} steps are`} taken back, the last first: ${touched.toReversed().join(', ')}.`, 'A release that was there before is started again.'],
      breaks: [], harmless: 'Database and filestore stay as they are.', confirm: 'Roll back',
    },
    run: (client, signal) => client.call('runs.rollback', { runId: run.runId }, { signal }),
  };
}
