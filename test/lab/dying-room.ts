/**
 * An app that dies at a step: `node test/lab/dying-room.ts STATE-FOLDER STEP provision CLUSTER HOST`, or `… STEP resume RUN`. With "none" it lives on.
 */
import { openLanRoom } from './lan-room.ts';

const [stateDir = '', step = '', what, ...names] = process.argv.slice(2);
const room = await openLanRoom(stateDir);
room.client.subscribe('runs.watch', {}, { item: ({ steps }) => {
  if (!['waiting', 'done'].includes(steps.find((each) => each.step === step)?.state ?? 'waiting')) process.kill(process.pid, 'SIGKILL');
} });
const [first = '', hostId = ''] = names;
const ended = what === 'resume' ? await room.client.call('runs.resume', { runId: first }) : await room.client.call('nodes.provision', { clusterId: first, hostIds: [hostId] });
console.log(JSON.stringify(ended));
await room.close();
process.exit();
