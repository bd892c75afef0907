export { Broadcast } from './broadcast.ts';
export { Snapshot } from './snapshot.ts';
