/** Starts a demo in the foreground and stays: `node demo-foreground.ts BUNDLE RUNTIME DATA`. Killed by its test. */
import { startDemo } from '../../electron/control/index.ts';

const [nodeBundlePath = '', nodeRuntimePath = '', dataDir = ''] = process.argv.slice(2);
const demo = await startDemo({ nodeBundlePath, nodeRuntimePath }, {
  dataDir, port: 0, foreground: true, onProgress: (label) => { console.log(label); },
});
console.log(JSON.stringify(demo));
setInterval(() => undefined, 60_000);
