export { drill, type DrillHands } from './drill.ts';
export { handOver } from './hand-over.ts';
