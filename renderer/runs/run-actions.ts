import type { RunSummary } from '../../electron/contract/index.ts';
import type { Action } from '../commands/action.ts';
import { isGoingBack, isOpen } from './run-words.ts';

/** What can be done with a run in its present state. */
export function runActions(run: RunSummary, blocked: string | null): Action[] {
  if (run.state === 'running' || run.state === 'rolling-back') return [cancelAction(run, blocked)];
  if (!isOpen(run)) return [];
  const back = isGoingBack(run);
  const risks = risksOf(run);
  if (risks.length > 0) return [acceptAction(run, risks, blocked), retryAction(run, blocked, 'normal'), rollbackAction(run, blocked, 'normal')];
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

interface Risk { readonly id: string; readonly found: string }

/** What a run stopped at because nobody has taken it on by name; nothing was changed then. */
function risksOf({ failure }: RunSummary): Risk[] {
  if (failure?.code !== 'WARNINGS_NOT_ACCEPTED' || !Array.isArray(failure.details)) return [];
  return (failure.details as unknown[]).flatMap((each) => {
    if (typeof each !== 'object' || each === null) return [];
    const { id, found } = each as { id?: unknown; found?: unknown };
    return typeof id === 'string' ? [{ id, found: typeof found === 'string' ? found : id }] : [];
  });
}

function acceptAction(run: RunSummary, risks: readonly Risk[], blocked: string | null): Action {
  return {
    id: `run.accept.${run.runId}`, subject: subject(run), label: 'Take it on and go on', progress: `Going on with ${run.nodeId}`, tone: 'primary', blocked,
    explanation: 'Accepts these warnings by name, for this run, and goes on.',
    question: {
      title: `Go on in spite of ${risks.length === 1 ? 'this' : 'these'}?`,
      does: [`${run.nodeId} is provisioned although ${risks.map(({ id }) => `“${id}”`).join(' and ')} ${risks.length === 1 ? 'is' : 'are'} not as ${risks.length === 1 ? 'it' : 'they'} should be. That is written down with the run.`],
      breaks: risks.map(({ found }) => found), confirm: 'Take it on',
    },
    run: (client, signal) => client.call('runs.resume', { runId: run.runId, acceptWarnings: risks.map(({ id }) => id) }, { signal }),
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
