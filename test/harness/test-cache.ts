import { join } from 'node:path';
import { projectRoot } from '../../scripts/build.ts';

/** For what many test files need and what takes long to make. It is kept between runs and goes with the next `npm ci`. */
export const testCache = join(projectRoot, 'node_modules/.cache/bulkhead-tests');
