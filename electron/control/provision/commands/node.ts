import { paths } from '../paths.ts';
import { asRoot, script, type RemoteCommand } from '../remote-command.ts';
import { asService } from './service-user.ts';

function nodeCommand(uid: number, gid: number, ...argv: readonly string[]): RemoteCommand {
  return asService(uid, gid, `${paths.current}/node`, `${paths.current}/bulkhead-node.cjs`, ...argv);
}

/** The real login from the host, with the credentials that the node will use. */
export function checkDatabase(uid: number, gid: number): RemoteCommand {
  return { ...nodeCommand(uid, gid, 'check-database', '--config', paths.configFile, '--json'), timeoutMs: 30_000 };
}

/** A node that was forgotten may join again; says so too when there is nothing to do. */
export function admitNode(uid: number, gid: number, nodeId: string): RemoteCommand {
  return { ...nodeCommand(uid, gid, 'cluster', 'admit', '--node', nodeId, '--config', paths.configFile, '--json'), timeoutMs: 30_000 };
}

/** A node that has left is not listed any more, and may not come back by itself. Never fails. */
export function leaveCluster(uid: number, gid: number, nodeId: string): RemoteCommand {
  const { argv } = nodeCommand(uid, gid, 'cluster', 'forget', '--node', nodeId, '--by', 'its removal', '--config', paths.configFile, '--json');
  return asRoot(...script('timeout 45 "$@" || true', ...argv));
}

/** Changes nothing where the administrator has this password already. */
export function initAdmin(uid: number, gid: number, password: string): RemoteCommand {
  return {
    ...nodeCommand(uid, gid, 'init-admin', '--config', paths.configFile, '--json', '--password-stdin'),
    input: { text: password, placeholder: '<a password for the administrator, 12 characters or more>' }, timeoutMs: 60_000,
  };
}

/** Ping, membership, grant, and an artifact written through one node and read through the new one. */
export function checkServing(uid: number, gid: number, credentials: string, waitSeconds: number): RemoteCommand {
  return {
    ...nodeCommand(uid, gid, 'check-serving', '--config', paths.configFile, '--json', '--wait', String(waitSeconds)),
    input: { text: credentials, placeholder: '<user:password of the administrator>' },
    timeoutMs: (waitSeconds + 15) * 1000,
  };
}

/** Whether the running node holds the cluster keys and database passwords of its files. */
export function checkCredentials(uid: number, gid: number, credentials: string): RemoteCommand {
  return {
    ...nodeCommand(uid, gid, 'check-credentials', '--config', paths.configFile, '--json'),
    input: { text: credentials, placeholder: '<user:password of the administrator>' }, timeoutMs: 30_000,
  };
}

/** Gives the database role another password. */
export function setDatabasePassword(uid: number, gid: number, password: string): RemoteCommand {
  return {
    ...nodeCommand(uid, gid, 'set-database-password', '--config', paths.configFile, '--json'),
    input: { text: password, placeholder: '<the new database password>' }, timeoutMs: 30_000,
  };
}
