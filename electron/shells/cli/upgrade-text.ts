import { BulkheadError, type ContractClient, type UpgradePlan, type UpgradeRun } from '../../contract/index.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodes } from './exit-codes.ts';
import { uploadText } from './run-text.ts';
import { printable, table } from './table.ts';

export function upgradePlanText({ to, nodes, checks, seconds, basis, releases, allowed }: UpgradePlan): string {
  const order = table(['batch', 'node', 'host', 'from', 'to', 'seconds', ''], nodes.map((node) => [
    node.unchanged ? null : node.batch, node.nodeId, node.host, node.from, node.to, Math.round(node.seconds), node.unchanged ? 'nothing to do' : node.master ? 'master' : '',
  ]));
  const found = table(['check', 'outcome', 'found', 'sum'], checks.map(({ title, status, found: what, arithmetic }) => [title, status, what, arithmetic]));
  const hints = checks.filter(({ status, stops, hint }) => (status === 'failed' || stops) && hint !== null).map(({ code, hint }) => `${code ?? ''}: ${printable(hint ?? '')}`);
  const there = table(['release', 'schema', 'on', 'runs on', 'usable'], releases.map((release) => [
    `${release.name}${release.own ? ' (this app)' : ''}`, release.schema, release.on.join(' ') || null, release.current.join(' ') || null, release.usable ? 'yes' : release.reason,
  ]));
  const gone = nodes.filter(({ removes }) => removes.length > 0).map(({ host, removes }) => `then removed from ${host}: ${removes.join(', ')}\n`).join('');
  return `to ${to}, about ${Math.round(seconds)} s (${basis})\n\n${order}\n\n${found}\n\n${there}\n\n${gone === '' ? '' : `${gone}\n`}${allowed ? 'It can be started.' : `It would be refused.\n${hints.join('\n')}`}`;
}

export function upgradeTable(runs: readonly UpgradeRun[]): string {
  return table(['run', 'what', 'to', 'state', 'nodes', 'by', 'started', 'failure'], runs.map((run) => [
    run.runId.slice(0, 8), run.kind, run.to, run.state, `${run.nodes.filter(({ state }) => state === 'done' || state === 'unchanged').length}/${run.nodes.length}`,
    run.holder, new Date(run.startedAt).toISOString(), run.failure?.message ?? null,
  ]));
}

export function upgradeText(run: UpgradeRun): string {
  const nodes = table(['node', 'state', 'step', 'from', 'to', 'seconds'], run.nodes.map(({ nodeId, state, stepTitle, from, to, startedAt, endedAt }) => [
    nodeId, state, stepTitle, from, to, startedAt === null ? null : Math.round(((endedAt ?? run.asOf) - startedAt) / 1000),
  ]));
  const lines = run.nodes.filter(({ failure }) => failure !== null).map(({ nodeId, failure, lines: said }) => `${nodeId}: ${printable(failure?.message ?? '')}\n${said.map((line) => `    ${printable(line)}`).join('\n')}`);
  return [upgradeTable([run]), nodes, ...lines].join('\n\n');
}

/** Tells each step until the run stands or has ended; then its outcome, with the exit code for it. */
export async function followUpgrade(context: CliContext, client: ContractClient, begun: UpgradeRun): Promise<void> {
  const told = new Map<string, string>();
  const uploads = new Map<string, string>();
  const ended = await new Promise<UpgradeRun>((resolve, reject) => {
    const stop = client.subscribe('upgrade.watch', { clusterId: begun.clusterId }, {
      item: (run) => {
        if (run?.runId !== begun.runId) return;
        for (const { nodeId, state, step, stepTitle, stepNumber, steps, upload } of run.nodes) {
          const line = step === null ? `${nodeId}  ${state}` : `${nodeId}  ${stepNumber}/${steps}  ${stepTitle ?? step}`;
          if (state !== 'waiting' && told.get(nodeId) !== line) context.output.progress(line);
          told.set(nodeId, line);
          if (upload === undefined) continue;
          // a line for each tenth, as in provisioning
          const tenth = `${upload.file} ${Math.floor((10 * upload.sentBytes) / Math.max(1, upload.totalBytes))}`;
          if (uploads.get(nodeId) !== tenth) context.output.progress(`${line}  ${uploadText(upload)}`);
          uploads.set(nodeId, tenth);
        }
        if (run.state === 'running' || run.state === 'pausing' || run.state === 'rolling-back') return;
        stop();
        resolve(run);
      },
      error: reject,
    });
    const leave = (): void => {
      stop();
      const id = begun.runId.slice(0, 8);
      reject(new BulkheadError('CANCELLED', 'Nobody carries the run out from here any more', { hint: `A node that is being switched comes to its end by itself. Go on:  bulkhead run resume ${id} --cluster ${begun.clusterId}` }));
    };
    if (context.signal.aborted) leave();
    context.signal.addEventListener('abort', leave, { once: true });
  });
  if (ended.state === 'failed' || ended.state === 'interrupted') context.outcome.exitCode = exitCodes.failed;
  const { clusterId, runId, state } = ended;
  const next = state === 'failed' || state === 'paused' || state === 'interrupted'
    ? `\n  bulkhead run resume ${runId.slice(0, 8)} --cluster ${clusterId}  or  bulkhead run rollback ${runId.slice(0, 8)} --cluster ${clusterId}` : '';
  context.output.result(ended, `${upgradeText(ended)}${next}`);
}
