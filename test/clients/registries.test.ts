import { clientWorld } from './client-world.ts';
import { curlCases } from './curl.cases.ts';
import { yarnAndPnpmCases } from './yarn-and-pnpm.cases.ts';

const world = clientWorld();
curlCases(world);
yarnAndPnpmCases(world);
