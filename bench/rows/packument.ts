import { npmTarball, publishBody } from '../../test/harness/npm-packages.ts';
import type { Row } from '../framework/row.ts';
import { startOurs } from '../peers/ours.ts';
import { startVerdaccio } from '../peers/verdaccio.ts';
import { noteOf, rateFigures, slices } from './hot.ts';

const versions = 200;

export const packument: Row = {
  name: 'packument',
  title: `npm packument with ${String(versions)} versions, hot, gzip`,
  run: async (pace) => {
    await using ours = await startOurs();
    await using verdaccio = await startVerdaccio();
    await ours.repository('bench-npm', 'npm');
    for (let minor = 0; minor < versions; minor += 1) {
      const manifest = {
        name: 'bench', version: `1.${String(minor)}.0`, description: 'A package with many versions', license: 'MIT', main: 'index.js',
        dependencies: { 'is-number': '^7.0.0', express: '^4.21.0' }, scripts: { test: 'node test.js', build: 'node build.js' }, keywords: ['bench', 'versions'],
      };
      const body = publishBody(manifest, npmTarball(manifest, { 'index.js': `module.exports = ${String(minor)};\n` }));
      const answer = await ours.client.put('/api/npm/bench-npm/bench', body, { headers: { 'content-type': 'application/json' } });
      if (answer.status >= 300) throw new Error(`our node did not take a version: ${answer.text()}`);
      await verdaccio.publish('bench', body);
    }
    const gzip = { 'accept-encoding': 'gzip' };
    const seen = await slices({
      ours: { url: `${ours.url}/api/npm/bench-npm/bench`, headers: { ...ours.headers, ...gzip }, pid: ours.pid },
      Verdaccio: { url: `${verdaccio.url}/bench`, headers: gzip, pid: verdaccio.pid },
    }, pace);
    return {
      figures: rateFigures('packument', seen.ours, 'Verdaccio', seen.Verdaccio, { sense: 'at least', value: 10 }),
      notes: [noteOf(seen)],
    };
  },
};
