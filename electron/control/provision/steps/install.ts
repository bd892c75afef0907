import { fileIsSo, isFolder, keepFormer, makeFolder, removeEmptyFolders, replaceFile, restoreFormer, type HostFile } from '../commands/files.ts';
import { dropUpgradeRecords, payloadHasArrived, payloadIsThere, payloadPath, releaseIsCurrent, removeRelease, switchBack, switchRelease } from '../commands/release.ts';
import { asService, createUser, removeUser, userIsThere } from '../commands/service-user.ts';
import { startFormer } from '../commands/service.ts';
import { nodeConfigFile } from '../node-config.ts';
import { paths, releaseFolder, runFolder } from '../paths.ts';
import type { Payload } from '../payload.ts';
import { asRoot, script } from '../remote-command.ts';
import { command, type Step } from '../step.ts';
import type { NodeSecrets, NodeTarget } from '../target.ts';

/** Puts everything on the host that a node needs, without starting it. */
export function installSteps(target: NodeTarget, secrets: NodeSecrets, runId: string): Step[] {
  const { release, serviceUid: uid, serviceGid: gid } = target;
  return [
    homeStep(runId),
    payloadStep('runtime', 'Install the runtime', release.name, release.runtime),
    payloadStep('bundle', 'Install the node', release.name, release.bundle),
    {
      id: 'user', title: 'Create the service user',
      probe: [userIsThere(uid, gid)], apply: command(...createUser(uid, gid)), verify: [userIsThere(uid, gid)], undo: [removeUser()],
    },
    filestoreStep(target),
    {
      id: 'config-folder', title: `Make ${paths.config}`,
      probe: [isFolder(paths.config)], apply: command(makeFolder(paths.config, '755')), verify: [], undo: [removeEmptyFolders(paths.config)],
    },
    fileStep('cluster-key', 'Write the cluster key', { path: paths.clusterKey, content: { text: `${secrets.clusterKey}\n`, placeholder: '<the cluster key>' }, mode: '600', uid, gid }, runId),
    ...(secrets.databasePassword === null ? [] : [
      fileStep('database-password', 'Write the database password', {
        path: paths.databasePassword, content: { text: `${secrets.databasePassword}\n`, placeholder: '<the database password>' }, mode: '600', uid, gid,
      }, runId),
    ]),
    fileStep('config', 'Write the configuration', {
      path: paths.configFile, content: { text: nodeConfigFile(target, secrets.databasePassword !== null), placeholder: null }, mode: '644', uid: 0, gid: 0,
    }, runId),
    {
      id: 'current', title: `Make ${release.name} the current release`,
      probe: [releaseIsCurrent(release.name)], apply: command(switchRelease(release.name, runFolder(runId))),
      verify: [releaseIsCurrent(release.name)], undo: [switchBack(runFolder(runId))],
    },
  ];
}

/** Its undo comes last of all: then the former service starts again, and the run's own traces go, with those of upgrades and restarts where no node is left. */
function homeStep(runId: string): Step {
  return {
    id: 'home', title: `Make ${paths.home}`,
    probe: [isFolder(paths.releases)],
    apply: command(makeFolder(paths.home, '755'), makeFolder(paths.releases, '755')),
    verify: [],
    undoAlways: true,
    undo: [
      startFormer(runFolder(runId)),
      asRoot('rm', '-rf', runFolder(runId)),
      dropUpgradeRecords(),
      removeEmptyFolders(`${paths.home}/runs`, paths.releases, paths.home),
    ],
  };
}

function payloadStep(id: string, title: string, release: string, payload: Payload): Step {
  return {
    id, title,
    probe: [payloadIsThere(release, payload)],
    apply: [...command(makeFolder(releaseFolder(release), '755')), { kind: 'upload', payload, to: payloadPath(release, payload) }],
    verify: [payloadHasArrived(release, payload)],
    undo: [removeRelease(release)],
  };
}

/**
 * Makes only the last folder of the path: what it lies in is the share, and an unmounted share must not be papered over. It gets its
 * name when its owner is right, because other hosts may be doing the same on the same share. A folder that is there is left as it is.
 */
function filestoreStep({ filestore, serviceUid: uid, serviceGid: gid }: NodeTarget): Step {
  const usable = asService(uid, gid, 'test', '-w', filestore);
  return {
    id: 'filestore', title: `Make ${filestore} usable for the service user`,
    probe: [usable],
    apply: command(
      asRoot(...script(
        '[ -d "$1" ] || { d="$(mktemp -d "$1.XXXXXXXX")" && chmod 750 "$d" && chown "$2" "$d" && { mv -T "$d" "$1" 2> /dev/null || rmdir "$d"; }; }',
        filestore, `${uid}:${gid}`,
      )),
    ),
    verify: [usable],
    undo: [removeEmptyFolders(filestore)],
  };
}

/** A file that is written as a whole; what it replaces is kept until the run is forgotten. */
export function fileStep(id: string, title: string, file: HostFile, runId: string): Step {
  return {
    id, title,
    probe: [fileIsSo(file)],
    apply: command(keepFormer(file.path, runFolder(runId)), replaceFile(file, runFolder(runId))),
    verify: [fileIsSo(file)],
    undo: [restoreFormer(file.path, runFolder(runId))],
  };
}
