import type { UpgradePlan, UpgradeRun } from '../../electron/contract/index.ts';
import { countOf } from '../format/numbers.ts';
import { aboutSeconds, holderWords, planBlocked, removedWords, versionOf } from '../upgrade/upgrade-words.ts';
import type { Action } from './action.ts';

/** Starts what was planned, after saying it. @param acceptWarnings checks whose warnings are taken on */
export function startUpgradeAction(plan: UpgradePlan, acceptWarnings: readonly string[], blocked: string | null): Action {
  const changing = plan.nodes.filter(({ unchanged }) => !unchanged);
  const master = changing.find((node) => node.master);
  const version = versionOf(plan.to);
  const takenOn = plan.checks.filter(({ stops }) => stops);
  const removed = removedWords(plan);
  return {
    id: 'upgrade.start', subject: 'upgrade', label: `Switch to ${version}`, progress: 'Starting the upgrade', tone: 'primary', blocked: blocked ?? planBlocked(plan),
    explanation: `${countOf(changing.length, 'node')}, ${aboutSeconds(plan.seconds)}, ${takenOn.length === 0 ? 'while the cluster serves' : 'with an interruption'}.`,
    question: {
      title: `Switch ${countOf(changing.length, 'node')} to ${version}?`,
      does: [
        `In this order: ${changing.map(({ nodeId }) => nodeId).join(', ')}${plan.batch > 1 ? `, ${plan.batch} at a time` : ', one at a time'}; ${aboutSeconds(plan.seconds)}.`,
        'Each one leaves the balancer, finishes what is under way, is restarted with the other release, proven, and taken back in.',
        ...(master === undefined || takenOn.length > 0 ? [] : [`${master.nodeId} is the master: another node takes over before its turn.`]),
        'At the first failure it stops, and that node is put back. If this app is closed, the host under way ends or reverts by itself, and any desktop can go on.',
        ...(removed === null ? [] : [`In the end these releases are removed from the hosts: ${removed}.`]),
      ],
      breaks: takenOn.map(({ found }) => `${found}.`), confirm: `Switch to ${version}`,
    },
    run: (client, signal) => client.call('upgrade.start', { clusterId: plan.clusterId, to: plan.to, batch: plan.batch, acceptWarnings: [...acceptWarnings] }, { signal }),
  };
}

/** What can be done with a run now. Going on with somebody else's run is taking it over, and is called so. */
export function upgradeRunActions(run: UpgradeRun, blocked: string | null, now: number): Action[] {
  const at = { clusterId: run.clusterId, runId: run.runId };
  const holder = holderWords(run, now);
  const held = holder.free ? null : `${run.holder} carries it out`;
  const actions: Action[] = [];
  if (run.can.resume) {
    const label = run.here ? (run.state === 'failed' ? 'Try again from here' : 'Go on') : 'Take it over and go on';
    actions.push({
      id: 'upgrade.resume', subject: 'upgrade', label, progress: 'Going on', tone: 'primary', blocked: blocked ?? held, question: null,
      explanation: 'Goes on with the nodes that are left; what is done is not done again.',
      run: (client, signal) => client.call('upgrade.resume', at, { signal }),
    });
  }
  if (run.can.pause) {
    actions.push({
      id: 'upgrade.pause', subject: 'upgrade', label: 'Pause', progress: 'Pausing', tone: 'normal', blocked: blocked ?? held, question: null,
      explanation: 'Ends the node under way first, and stops before the next one.',
      run: (client, signal) => client.call('upgrade.pause', at, { signal }),
    });
  }
  if (run.can.rollback) {
    const switched = run.nodes.filter(({ state }) => state === 'done');
    const back = [...new Set(switched.map(({ from }) => versionOf(from)))].join(', ');
    actions.push({
      id: 'upgrade.rollback', subject: 'upgrade', label: 'Roll back', progress: 'Rolling back', tone: 'danger', blocked: blocked ?? held ?? (switched.length === 0 ? 'No node has been switched' : null),
      explanation: 'Puts every switched node back on the release that it came from, the last first.',
      question: {
        title: `Put ${countOf(switched.length, 'node')} back on ${back}?`,
        does: [`${switched.map(({ nodeId }) => nodeId).reverse().join(', ')}: drained, switched back, restarted, proven and taken back in, one after the other.`, 'The schema stays as it is: the older release was checked to serve with it.'],
        breaks: [`What only ${versionOf(run.to)} can do is gone again.`], confirm: 'Roll back',
      },
      run: (client, signal) => client.call('upgrade.rollback', at, { signal }),
    });
  }
  return actions;
}
