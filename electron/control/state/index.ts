export { listClusterRows, putClusterRow, type ClusterRow } from './cluster-rows.ts';
export { deleteJournalRowsThrough, insertJournalRow, lastOriginSeq, selectJournalRows, type JournalRow } from './journal-rows.ts';
export { openState, type State } from './open-state.ts';
export { addWrappedKey, deleteSealed, listProtections, readSealed, readWrappedKey, writeSealed } from './secret-rows.ts';
export { readSetting, writeSetting } from './settings.ts';
