import type { LanSettings, Planned, PlannedNode } from '../../contract/index.ts';
import { command, makeFolder, payloadIsThere, payloadPath, planOf, releaseFolder, releaseLock, takeLock, type Payloads, type Step } from '../provision/index.ts';
import { makeRunsFolder, startSwitch, untilSwitched } from './commands.ts';
import { discardSetAside, oldReleasesStep } from './old-releases.ts';
import { turnSteps } from './switch-script.ts';
import { staleLockMinutes, switchLimits } from './turn.ts';

/** What stands for the id of a run that has not begun. */
const runId = 'RUN';

/** Every command and file of a node's turn, before anything happens; the switch itself is a script that the host carries out alone. */
export async function shownTurn(node: PlannedNode, settings: LanSettings, who: string, payloads: Pick<Payloads, 'release'>): Promise<Planned> {
  if (node.unchanged) return planOf(node.nodeId, node.host, []);
  const { nodeId, host, to, from, removes } = node;
  const ids = { uid: settings.serviceUid, gid: settings.serviceGid };
  const onHost = turnSteps.slice(2).map(({ title }) => title.charAt(0).toLowerCase() + title.slice(1)).join('; ');
  return planOf(nodeId, host, [
    { ...step('lock', 'Lock the host', command(takeLock({ runId, who, since: 0 }, staleLockMinutes))), release: releaseLock(runId) },
    ...await uploadSteps(to, payloads),
    step('switch', `On the host, by itself: ${onHost}`, command(makeRunsFolder(), ...startSwitch({ runId, attempt: 1, to, from: from ?? '', nodeId, ids, by: who, ...switchLimits(settings) }))),
    step('follow', 'Wait until the switch has come to its end', command(untilSwitched(runId, 1))),
    step('unlock', 'Unlock the host', command(releaseLock(runId))),
    ...(removes.length === 0 ? [] : [oldReleasesStep(removes, ids), step('discard', 'Free their room on the disk', command(discardSetAside()))]),
  ]);
}

/** Nothing where the release is not this app's own: it has to be on the host then. */
async function uploadSteps(to: string, payloads: Pick<Payloads, 'release'>): Promise<Step[]> {
  const shipped = await Promise.all((['x64', 'arm64'] as const).map((cpu) => payloads.release(cpu).catch(() => null)));
  const own = shipped.find((release) => release?.name === to);
  if (own === undefined || own === null) return [];
  return [own.runtime, own.bundle].map((payload): Step => ({
    ...step(`upload-${payload.name}`, `Put ${payload.name} there`, [...command(makeFolder(releaseFolder(to), '755')), { kind: 'upload', payload, to: payloadPath(to, payload) }]),
    probe: [payloadIsThere(to, payload)],
  }));
}

function step(id: string, title: string, apply: Step['apply']): Step {
  return { id, title, probe: [], apply, verify: [], undo: [] };
}
