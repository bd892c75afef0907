/** Unit tests of one worker share it: what a test has done to its clock and its environment ends with its file, also where it fails. */
import { afterAll, vi } from 'vitest';

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
