import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/**
 * One project per level of test; `npm test` runs all of them, one after the other where they share the machine.
 * The limits only guard against tests that hang: other levels run beside, and a test may take many times as long as by itself.
 */
const level = (name: string, include: string[], timeout: number) => ({
  plugins: [vue()],
  test: {
    name,
    include,
    testTimeout: timeout,
    hookTimeout: timeout,
    fileParallelism: name === 'unit' || name === 'lab',
    // a lab waits for drains, leases and boots most of its time, and has addresses and names of its own
    ...(name === 'lab' ? { maxWorkers: 2 } : {}),
    // a process and all modules anew for each of 250 small files would cost more than their tests
    ...(name === 'unit' ? { maxWorkers: 2, isolate: false, setupFiles: ['scripts/test/shared-worker.ts'] } : {}),
    pool: 'forks' as const,
    // what is waited for may take longer than Vitest's second on a busy machine
    expect: { poll: { timeout: 60_000 } },
  },
});

export default defineConfig({
  test: {
    projects: [
      level('unit', ['server-bundle/**/*.test.ts', 'electron/**/*.test.ts', 'renderer/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'], 300_000),
      level('cluster', ['test/cluster/**/*.test.ts'], 600_000),
      level('clients', ['test/clients/**/*.test.ts'], 900_000),
      level('electron-host', ['test/electron-host/**/*.test.ts'], 600_000),
      level('screens', ['test/screens/**/*.test.ts'], 600_000),
      level('lab', ['test/lab/**/*.test.ts'], 900_000),
      level('chaos', ['test/chaos/**/*.test.ts'], 900_000),
    ],
  },
});
