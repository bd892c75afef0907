import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { command, paths, releaseLock, takeLock, type RemoteCommand, type Step } from '../provision/index.ts';
import { dropStage, oursIsGone, oursIsSo, pingThrough, runSwitch, stageFile } from './commands.ts';
import { modelOf, type BalancerModel } from './model.ts';
import { placeOf, type ProductPlace } from './place.ts';
import { checkBalancerHost } from './preflight.ts';
import { render } from './render.ts';
import { stageFolder, switchScript } from './switch-script.ts';
import type { BalancerTarget } from './target.ts';

export function modelOfTarget(target: Pick<BalancerTarget, 'product' | 'clusterName' | 'options' | 'backends'>): { model: BalancerModel; place: ProductPlace } {
  const { product, clusterName, options, backends } = target;
  const model = modelOf({ product, clusterName, options, backends });
  return { model, place: placeOf(product, options.layout, clusterName) };
}

/** What a run does to which file: two that differ in it leave different things on the host. */
export function subjectOf(target: BalancerTarget): string {
  const { product, file } = modelOfTarget(target).place;
  return `${target.action} ${product} ${target.options.layout} ${file}`;
}

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Of the text that is to be there. Null when it cannot be rendered any more: a node may have come whose address no configuration can hold, and its run says so. */
export function wantedSha256(target: BalancerTarget): string | null {
  try {
    return sha256Of(render(modelOfTarget(target).model));
  } catch (error) {
    if (error instanceof BulkheadError) return null;
    throw error;
  }
}

/** Everything between the lock of the balancer's host and its release. */
export function balancerSteps(target: BalancerTarget, runId: string): Step[] {
  const { model, place } = modelOfTarget(target);
  const { action } = target;
  const stage = stageFolder(runId);
  const script = (port: number): RemoteCommand => stageFile(`${stage}/switch.sh`, switchScript(place, runId, port));
  const run = (...args: readonly string[]): RemoteCommand => runSwitch(runId, ...args);
  const back = [script(0), run('back'), dropStage(runId)];
  if (action === 'remove') {
    const gone = [oursIsGone(place)];
    return [{ id: 'remove', title: `Take the cluster out of ${place.title}`, probe: gone, apply: command(script(0), run('remove'), dropStage(runId)), verify: gone, undo: [] }];
  }
  if (action === 'undo') {
    return [{ id: 'put', title: 'Put the former configuration back', probe: [], apply: command(script(0), run('undo'), dropStage(runId)), verify: [], undo: back }];
  }
  const text = render(model);
  const isSo = [oursIsSo(place, sha256Of(text))];
  const staged = [script(target.options.listen.port), stageFile(`${stage}/new`, text)];
  return [
    {
      id: 'preflight', title: 'Check the balancer\'s host', probe: [], apply: [], verify: [], undo: [],
      check: (context) => checkBalancerHost(model, place, target, context.run, context.note),
    },
    {
      id: 'check', title: `Let ${place.title} check the new configuration`,
      probe: isSo, apply: command(...staged, run('check', `${stage}/new`)), verify: [], undo: [dropStage(runId)],
    },
    {
      id: 'put', title: 'Put it in place and reload',
      // staged again: a resumed run may find the folder gone with a reboot
      probe: isSo, apply: command(...staged, run('put', `${stage}/new`), dropStage(runId)), verify: isSo, undo: back,
    },
    answerStep(model),
  ];
}

/** What stands for the id of a run that has not begun. */
const shownId = 'RUN';
/** A lock that is older was left behind, minutes. */
const staleMinutes = 60;

/** The same with lock and release, as they are shown before anything happens: the script on the host works for whoever has its lock, and for nobody else. */
export function shownSteps(target: BalancerTarget): Step[] {
  const release = releaseLock(shownId, paths.balancerLock);
  const plain = (id: string, title: string, each: RemoteCommand): Step => ({ id, title, probe: [], apply: command(each), verify: [], undo: [] });
  return [
    { ...plain('lock', 'Lock the host', takeLock({ runId: shownId, who: 'a plan that is carried out by hand', since: 0 }, staleMinutes, paths.balancerLock)), release },
    ...balancerSteps(target, shownId),
    plain('unlock', 'Unlock the host', release),
  ];
}

/** The balancer gives a node's answer on. */
function answerStep({ options: { listen, tls, serverNames }, backends }: BalancerModel): Step {
  const address = listen.address === '*' ? '127.0.0.1' : listen.address;
  const name = serverNames.find((each) => !each.startsWith('*')) ?? (isIP(address) === 6 ? `[${address}]` : address);
  const ask = pingThrough(address, listen.port, tls !== null, name);
  return {
    id: 'answer', title: 'Prove that it passes requests on', probe: [], apply: [], verify: [], undo: [], checkCommands: [ask],
    check: async (context) => {
      if (backends.every(({ draining }) => draining)) {
        context.note('no node serves: nothing to prove');
        return;
      }
      const { stdout } = await context.run(ask);
      context.note(stdout.trim());
      if (stdout.includes('untried') || stdout.includes(' 200 ')) return;
      throw new BulkheadError('STEP_FAILED', `A ping through the balancer was answered with "${stdout.trim() || 'nothing'}"`, { hint: 'See whether the nodes serve and can be reached from the balancer\'s host.' });
    },
  };
}
