import { removeEmptyFolders } from '../commands/files.ts';
import { removeUser } from '../commands/service-user.ts';
import { reloadUnits, stopService } from '../commands/service.ts';
import { paths, serviceUser } from '../paths.ts';
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
    { id: 'unit', title: 'Remove the unit', probe: gone(paths.unitFile), apply: command(asRoot('rm', '-f', paths.unitFile), reloadUnits()), ...ends },
    {
      id: 'config', title: 'Remove the configuration', probe: gone(paths.config),
      apply: command(asRoot('rm', '-f', paths.configFile, paths.clusterKey, paths.databasePassword), removeEmptyFolders(paths.config)), ...ends,
    },
    { id: 'releases', title: 'Remove all releases', probe: gone(paths.home), apply: command(asRoot('rm', '-rf', '--one-file-system', paths.home)), ...ends },
    {
      id: 'user', title: 'Remove the service user',
      probe: [asRoot(...script('! getent passwd "$1" > /dev/null && ! getent group "$1" > /dev/null', serviceUser))],
      apply: command(...removeUser()), ...ends,
    },
  ];
}
