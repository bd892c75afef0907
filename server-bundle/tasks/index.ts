import type { Logger } from 'pino';
import type { Session } from '../cluster/ports.ts';
import type { NodeConfig } from '../config/schema.ts';
import type { Filestore } from '../filestore/index.ts';
import { collectGarbage } from './collect-garbage.ts';
import { expireImages } from './expire-images.ts';
import { expireTrash } from './expire-trash.ts';
import { keepHouse } from './keep-house.ts';
import { summarizeStorage } from './summarize-storage.ts';
import { TaskRunner } from './runner.ts';
import type { Task } from './task.ts';

export { sweepIncarnation } from './sweep.ts';

/** Every cluster-wide task. A new one is added here. */
export function clusterTasks(filestore: Filestore, { tasks: settings, audit }: Pick<NodeConfig, 'tasks' | 'audit'>): readonly Task[] {
  return [collectGarbage(filestore, settings.gc), keepHouse({ replayResultHours: settings.replayResultHours, auditDays: audit.keepDays }), summarizeStorage()];
}

/** Runs the cluster-wide tasks for as long as this node is the master; `signal` ends it. For the runtime's `onMaster`. */
export function runTasks(filestore: Filestore, config: Pick<NodeConfig, 'tasks' | 'oci' | 'audit'>, log: Logger): (session: Session, signal: AbortSignal) => void {
  const tasks = clusterTasks(filestore, config);
  return (session, signal) => {
    void new TaskRunner(session, [...tasks, expireTrash(session.coherence), expireImages(filestore, session.coherence, config.oci)], log.child({ part: 'tasks' }), signal).run();
  };
}
