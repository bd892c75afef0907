export {
  deleteAcknowledgementRow, deleteMuteRow, listAcknowledgementRows, listMuteRows, putAcknowledgementRow, putMuteRow, type AcknowledgementRow, type MuteOrigin, type MuteRow,
} from './alert-rows.ts';
export { deleteBalancerRow, listBalancerRows, noteBalancerApplied, putBalancerRow, type BalancerRow } from './balancer-rows.ts';
export { deleteClusterRow, listClusterRows, putClusterRow, type ClusterRow } from './cluster-rows.ts';
export { deleteHostRow, insertHostRow, listHostRows, updateHostRow, type HostRow } from './host-rows.ts';
export { deleteJournalRowsThrough, insertJournalRow, lastOriginSeq, selectJournalRows, type JournalRow } from './journal-rows.ts';
export { openState, type State } from './open-state.ts';
export {
  beatRunRow, beginRunStepRow, claimRunRow, endRunCommandRow, endRunRow, endRunStepRow, insertRunCommandRow, insertRunRow, lastDoneTargets, listRunCommandRows,
  listRunRows, listRunStepRows, readRunRow, setRunTarget, type RunCommandRow, type RunRow, type RunState, type RunStepRow, type RunStepState,
} from './run-rows.ts';
export { addWrappedKey, deleteSealed, listProtections, readSealed, readWrappedKey, writeSealed } from './secret-rows.ts';
export { readSetting, writeSetting } from './settings.ts';
