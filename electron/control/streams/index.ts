export { Broadcast } from './broadcast.ts';
export { eachChange } from './each-change.ts';
export { Snapshot } from './snapshot.ts';
