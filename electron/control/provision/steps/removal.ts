import { removeEmptyFolders, removeFiles } from '../commands/files.ts';
import { leaveCluster } from '../commands/node.ts';
import { homeIsGone, removeHome } from '../commands/release.ts';
import { removeUser, userIsGone } from '../commands/service-user.ts';
import { dropJournal, journalIsGone, reloadUnits, stopService } from '../commands/service.ts';
import { paths } from '../paths.ts';
import { asRoot, script } from '../remote-command.ts';
import { command, type Step } from '../step.ts';
import type { NodeTarget } from '../target.ts';
import { stopTimeoutMs } from '../unit-file.ts';

/**
 * Takes everything away that provisioning puts on a host, and nothing else: the filestore stays with what is in it. Stopping the
 * node drains it first, hands over the mastership and gives its connections back.
 */
export function removalSteps(target: NodeTarget): Step[] {
  const gone = (...files: readonly string[]): Step['probe'] => files.map((file) => asRoot(...script('[ ! -e "$1" ] && [ ! -L "$1" ]', file)));
  const ends = { verify: [], undo: [] } as const;
  return [
    { id: 'stop', title: 'Drain and stop the node', probe: gone(paths.unitFile), apply: command(...stopService(stopTimeoutMs(target))), ...ends },
    {
      id: 'membership', title: 'Take the node out of the cluster', probe: gone(paths.configFile),
      // best effort: a cluster that does not answer lists it as stopped, and its connections are free all the same
      apply: command({ ...leaveCluster(target.serviceUid, target.serviceGid, target.nodeId), timeoutMs: 60_000 }), ...ends,
    },
    { id: 'unit', title: 'Remove the unit', probe: gone(paths.unitFile), apply: command(removeFiles(paths.unitFile), reloadUnits()), ...ends },
    { id: 'journal', title: 'Remove the journal of the node', probe: [journalIsGone()], apply: command(removeFiles(paths.journalFile), dropJournal()), ...ends },
    {
      id: 'config', title: 'Remove the configuration', probe: gone(paths.config),
      apply: command(removeFiles(paths.configFile, paths.clusterKey, paths.databasePassword), removeEmptyFolders(paths.config)), ...ends,
    },
    { id: 'runs', title: 'Remove the records of upgrades', probe: gone(paths.state), apply: command(asRoot('rm', '-rf', '--one-file-system', `${paths.state}/runs`), removeEmptyFolders(paths.state)), ...ends },
    { id: 'releases', title: 'Remove all releases', probe: [homeIsGone()], apply: command(...removeHome()), ...ends },
    { id: 'user', title: 'Remove the service user', probe: [userIsGone()], apply: command(removeUser()), ...ends },
  ];
}
