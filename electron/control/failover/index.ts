export { drill, type DrillHands } from './drill.ts';
export { drillEntryType, drillSentence, pastDrills } from './drill-records.ts';
export { handOver } from './hand-over.ts';
