import type { Coherence } from '../cluster/ports.ts';
import { findRepository } from '../metadata/repositories.ts';
import { deleteExpired } from '../metadata/trash-can.ts';
import { readTrashSettings, touchedInTrash } from '../repositories/trash/trash-can.ts';
import { trashRepositoryKey } from '../security/trash-access.ts';
import type { Task } from './task.ts';

const rowsAtOnce = 500;
const slotSeconds = 3600;

/** Deletes for good what has been in the trash can for longer than its setting says, also while the trash can is switched off. */
export function expireTrash(coherence: Coherence): Task {
  return {
    kind: 'trash-expiry',
    slotSeconds,
    announced: (report) => Number(report['artifacts']) > 0,
    run: async (_args, control) => {
      const report = { artifacts: 0 };
      const trash = await findRepository(control.db, trashRepositoryKey);
      if (trash === undefined) return report;
      const { retentionDays } = await readTrashSettings(coherence.read);
      for (;;) {
        // administrators may have looked at what goes now
        const deleted = await coherence.change(touchedInTrash(trash, ''), () => control.fenced((trx) => deleteExpired(trx, trash.id, retentionDays, rowsAtOnce)));
        report.artifacts += deleted;
        await control.step({ ...report });
        if (deleted < rowsAtOnce) return report;
      }
    },
  };
}
