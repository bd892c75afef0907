import { Command, InvalidArgumentError } from 'commander';
import type { AlertPicture, ContractClient, ResultOf } from '../../../contract/index.ts';
import { firstItem, type CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { secretFrom } from '../secret-input.ts';
import { table } from '../table.ts';
import { wholeNumber } from './demo.ts';

type Alert = AlertPicture['alerts'][number];

/** How long clusters that do not answer are waited for, milliseconds. */
const patienceMs = 15_000;

/** `bulkhead alerts …`: what needs a person, who takes care of it, and whom else to tell. */
export function alertsCommand(context: CliContext): Command {
  const alerts = new Command('alerts').description('open alerts; acknowledge, mute, history, rules, webhooks')
    .option('--cluster <cluster>', 'id or name; every cluster when left out')
    .action(async ({ cluster }: { cluster?: string }) => {
      const client = await context.client();
      // every cluster has been asked then, as far as it can be
      await client.call('clusters.list', {}, { signal: context.signal });
      const picture = await firstItem(client, 'alerts.watch', cluster === undefined ? {} : { clusterId: cluster }, isComplete, patienceMs, context.signal);
      context.output.result(picture, pictureText(picture));
      if (picture.clusters.some(({ freshness }) => freshness !== 'live')) context.outcome.exitCode = exitCodes.notRunning;
    });
  for (const add of [acknowledge, mutes, history, rules, webhooks]) add(alerts, context);
  return alerts;
}

function isComplete({ clusters }: AlertPicture): boolean {
  return clusters.every(({ freshness, problem }) => freshness === 'live' || problem !== null);
}

function pictureText({ alerts, clusters, counts }: AlertPicture): string {
  const silent = clusters.filter(({ freshness }) => freshness !== 'live').map(({ name, problem }) => `${name}: its own alerts are not known${problem === null ? '' : ` (${problem})`}`);
  const all = alerts.length === 0 ? (clusters.length === 0 ? 'no cluster runs' : silent.length === 0 ? 'no open alerts' : 'no alerts known') : alertTable(alerts);
  const rest = counts.acknowledged + counts.muted === 0 ? [] : [`${counts.acknowledged} acknowledged, ${counts.muted} muted`];
  return [all, ...silent, ...rest].join('\n');
}

function alertTable(alerts: readonly Alert[]): string {
  return table(['severity', 'cluster', 'alert', 'about', 'value', 'threshold', 'since', 'state', 'id'], alerts.map((alert) => [
    alert.severity, alert.clusterName, alert.title, alert.subject, alert.value, alert.threshold, alert.since, stateOf(alert), alert.id,
  ]));
}

function stateOf({ clearedAt, mutedUntil, acknowledged, source }: Alert): string {
  const seen = source === 'app' ? ', seen from this app only' : '';
  if (clearedAt !== null) return `over since ${clearedAt}`;
  if (mutedUntil !== null) return `muted until ${mutedUntil}${seen}`;
  return `${acknowledged === null ? 'open' : `taken by ${acknowledged.by}`}${seen}`;
}

const inCluster = (command: Command): Command => command.option('--cluster <cluster>', 'id or name', 'demo');

function acknowledge(alerts: Command, context: CliContext): void {
  const { output, signal } = context;
  inCluster(alerts.command('ack').description('say that you take care of an alert').argument('<alert>', 'its id')).option('--note <text>', '', '')
    .action(async (alertId: string, { note }: { note: string }, command: Command) => {
      const alert = await (await context.client()).call('alerts.acknowledge', { clusterId: clusterOf(command), alertId, note }, { signal });
      output.result(alert, `acknowledged: ${alert.title}: ${alert.message}`);
    });
}

function mutes(alerts: Command, context: CliContext): void {
  const { output, signal } = context;
  inCluster(alerts.command('mute').description('tell nobody of some alerts for a while; without --rule and --node of none'))
    .option('--rule <rule>', 'alerts of this rule').option('--node <node>', 'alerts about this node').requiredOption('--for <time>', 'for example 30m, 4h, 2d', seconds).option('--reason <text>', '', '')
    .action(async (options: { rule?: string; node?: string; for: number; reason: string }, command: Command) => {
      const { rule = null, node: subject = null, reason } = options;
      const mute = await (await context.client()).call('alerts.mute', { clusterId: clusterOf(command), rule, subject, seconds: options.for, reason }, { signal });
      output.result(mute, `muted until ${mute.until} (${mute.id})`);
    });
  inCluster(alerts.command('mutes').description('what is muted')).action(async (_: object, command: Command) => {
    const all = await (await context.client()).call('alerts.mutes', { clusterId: clusterOf(command) }, { signal });
    output.result(all, all.length === 0 ? 'nothing is muted' : table(['id', 'rule', 'about', 'until', 'by', 'reason'], all.map(({ id, rule, subject, until, by, reason }) => [id, rule, subject, until, by, reason])));
  });
  inCluster(alerts.command('unmute').description('end a mute').argument('<mute>', 'its id')).action(async (muteId: string, _: object, command: Command) => {
    await (await context.client()).call('alerts.unmute', { clusterId: clusterOf(command), muteId }, { signal });
    output.result({ muteId }, 'ended');
  });
}

function history(alerts: Command, context: CliContext): void {
  const { output, signal } = context;
  inCluster(alerts.command('history').description('alerts that were raised, newest first')).option('--limit <n>', '', wholeNumber, 50).option('--rule <rule>', 'of this rule only').option('--node <node>', 'about this node only')
    .action(async ({ limit, rule, node }: { limit: number; rule?: string; node?: string }, command: Command) => {
      const filter = { ...(rule === undefined ? {} : { rule }), ...(node === undefined ? {} : { subject: node }) };
      const found = await (await context.client()).call('alerts.history', { clusterId: clusterOf(command), limit, ...filter }, { signal });
      output.result(found, found.alerts.length === 0 ? 'no alert was raised' : alertTable(found.alerts));
    });
}

function rules(alerts: Command, context: CliContext): void {
  const { output, signal } = context;
  inCluster(alerts.command('rules').description('what is watched, and from where on it is an alert')).action(async (_: object, command: Command) => {
    const all = await (await context.client()).call('alerts.rules', { clusterId: clusterOf(command) }, { signal });
    output.result(all, table(['rule', 'title', 'severity', 'threshold', 'raise after s', 'clear after s', 'on'], all.map(ruleCells)));
  });
  inCluster(alerts.command('rule').description('change a rule').argument('<rule>'))
    .option('--threshold <value>', '"default" goes back to it', numberOrDefault).option('--raise-after <seconds>', '', numberOrDefault).option('--clear-after <seconds>', '', numberOrDefault)
    .option('--severity <severity>', 'warning, bad or default').option('--on', 'watch it').option('--off', 'do not watch it').option('--defaults', 'everything as it comes')
    .action(async (rule: string, options: RuleOptions, command: Command) => {
      const changed = await (await context.client()).call('alerts.setRule', { clusterId: clusterOf(command), rule, ...changeOf(options) }, { signal });
      output.result(changed, table(['rule', 'title', 'severity', 'threshold', 'raise after s', 'clear after s', 'on'], [ruleCells(changed)]));
    });
  alerts.command('prometheus').description('ready-made rules for Prometheus').action(async () => {
    const file = await (await context.client()).call('alerts.prometheusRules', {}, { signal });
    output.result(file, file.text.trimEnd());
  });
}

interface RuleOptions {
  readonly threshold?: number | 'default';
  readonly raiseAfter?: number | 'default';
  readonly clearAfter?: number | 'default';
  readonly severity?: string;
  readonly on?: boolean;
  readonly off?: boolean;
  readonly defaults?: boolean;
}

function changeOf({ threshold, raiseAfter, clearAfter, severity, on, off, defaults }: RuleOptions): object {
  if (defaults === true) return { threshold: null, raiseAfterSeconds: null, clearAfterSeconds: null, severity: null, enabled: null };
  const wanted = { threshold, raiseAfterSeconds: raiseAfter, clearAfterSeconds: clearAfter, severity, enabled: on === true ? true : off === true ? false : undefined };
  return Object.fromEntries(Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, value === 'default' ? null : value]])));
}

function ruleCells({ rule, title, severity, threshold, raiseAfterSeconds, clearAfterSeconds, enabled }: ResultOf<'alerts.rules'>[number]): (string | number | null)[] {
  return [rule, title, severity, threshold === null ? null : `${threshold.value} ${threshold.unit}`, raiseAfterSeconds, clearAfterSeconds, enabled ? 'yes' : 'no'];
}

function webhooks(alerts: Command, context: CliContext): void {
  const { output, signal } = context;
  const webhook = alerts.command('webhook').description('where the master sends alerts');
  inCluster(webhook.command('list').description('webhooks and how their deliveries go')).action(async (_: object, command: Command) => {
    const all = await (await context.client()).call('alerts.webhooks', { clusterId: clusterOf(command) }, { signal });
    output.result(all, all.length === 0 ? 'no webhooks' : table(['name', 'url', 'on', 'events', 'rules', 'from', 'signed', 'waiting', 'given up', 'failure', 'id'],
      all.map((each) => [each.name, each.url, each.enabled ? 'yes' : 'no', each.events.join(' '), each.rules?.join(' ') ?? 'all', each.leastSeverity, each.hasSecret ? 'yes' : 'no', each.waiting, each.dead, each.failure, each.id])));
  });
  inCluster(webhook.command('add').description('tell another address').argument('<name>').argument('<url>'))
    .option('--secret-file <file>', 'what requests are signed with; "-" reads standard input').option('--bad-only', 'no warnings').option('--rules <rule...>', 'these rules only')
    .action(async (name: string, url: string, options: { secretFile?: string; badOnly?: boolean; rules?: string[] }, command: Command) => {
      const secret = await secretFrom(options.secretFile);
      const made = await (await context.client()).call('alerts.putWebhook', {
        clusterId: clusterOf(command), name, url, rules: options.rules ?? null, leastSeverity: options.badOnly === true ? 'bad' : 'warning', ...(secret === undefined ? {} : { secret }),
      }, { signal });
      output.result(made, `${made.name} is told of alerts (${made.id})`);
    });
  inCluster(webhook.command('remove').description('tell it no more').argument('<webhook>', 'its id or name')).action(async (which: string, _: object, command: Command) => {
    const client = await context.client();
    const clusterId = clusterOf(command);
    await client.call('alerts.removeWebhook', { clusterId, webhookId: await webhookId(client, clusterId, which) }, { signal });
    output.result({ webhook: which }, 'removed');
  });
  inCluster(webhook.command('test').description('send a test message now').argument('<webhook>', 'its id or name')).action(async (which: string, _: object, command: Command) => {
    const client = await context.client();
    const clusterId = clusterOf(command);
    const outcome = await client.call('alerts.testWebhook', { clusterId, webhookId: await webhookId(client, clusterId, which) }, { signal });
    output.result(outcome, outcome.delivered ? `delivered (${String(outcome.status)}) in ${String(outcome.milliseconds)} ms` : `not delivered: ${outcome.failure ?? 'no reason'}`);
    if (!outcome.delivered) context.outcome.exitCode = exitCodes.failed;
  });
  inCluster(webhook.command('deliveries').description('what was sent, newest first')).option('--limit <n>', '', wholeNumber, 50).action(async ({ limit }: { limit: number }, command: Command) => {
    const all = await (await context.client()).call('alerts.deliveries', { clusterId: clusterOf(command), limit }, { signal });
    output.result(all, all.length === 0 ? 'nothing was sent' : table(['created', 'event', 'state', 'attempts', 'status', 'failure', 'next', 'message', 'id'],
      all.map((each) => [each.createdAt, each.event, each.state, each.attempts, each.status, each.failure, each.nextAt, each.message, each.id])));
  });
  inCluster(webhook.command('redeliver').description('try a delivery again that was given up').argument('<delivery>', 'its id')).action(async (deliveryId: string, _: object, command: Command) => {
    const delivery = await (await context.client()).call('alerts.redeliver', { clusterId: clusterOf(command), deliveryId }, { signal });
    output.result(delivery, delivery.state);
  });
}

async function webhookId(client: ContractClient, clusterId: string, which: string): Promise<string> {
  const all = await client.call('alerts.webhooks', { clusterId });
  return all.find(({ id, name }) => id === which || name === which)?.id ?? which;
}

/** `--cluster` may stand before or behind the name of the sub-command. */
function clusterOf(command: Command): string {
  return command.optsWithGlobals<{ cluster: string }>().cluster;
}

function seconds(text: string): number {
  const [, amount, unit = 's'] = /^(\d{1,6})\s*([smhd])?$/.exec(text) ?? [];
  const factor = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  if (amount === undefined || factor === undefined) throw new InvalidArgumentError('a number with s, m, h or d, for example 30m.');
  return Number(amount) * factor;
}

/** Not null: commander takes that for "no value". */
function numberOrDefault(text: string): number | 'default' {
  if (text === 'default') return text;
  if (text.trim() === '' || Number.isNaN(Number(text))) throw new InvalidArgumentError('a number, or "default".');
  return Number(text);
}
