import { openLanRoom } from './lan-room.ts';

/**
 * A desktop that starts an upgrade and is then killed by its test.
 * Arguments: state folder, bundle, version, cluster, release
 */
const [stateDir = '', bundle = '', version = '', clusterId = '', to = ''] = process.argv.slice(2);
const { client } = await openLanRoom(stateDir, { bundle, version });
const { runId } = await client.call('upgrade.start', { clusterId, to });
process.stdout.write(`${runId}\n`);
client.subscribe('upgrade.watch', { clusterId }, {
  item: (run) => {
    const node = run?.nodes.find(({ state }) => state === 'running');
    process.stdout.write(`${node?.nodeId ?? '-'} ${node?.step ?? '-'}\n`);
  },
});
