import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/** One project per level of test; `npm test` runs all of them, one after the other where they share the machine. */
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
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    projects: [
      level('unit', ['server-bundle/**/*.test.ts', 'electron/**/*.test.ts', 'renderer/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'], 20_000),
      level('cluster', ['test/cluster/**/*.test.ts'], 120_000),
      level('clients', ['test/clients/**/*.test.ts'], 300_000),
      level('electron-host', ['test/electron-host/**/*.test.ts'], 120_000),
      level('screens', ['test/screens/**/*.test.ts'], 180_000),
      level('lab', ['test/lab/**/*.test.ts'], 120_000),
      level('chaos', ['test/chaos/**/*.test.ts'], 300_000),
    ],
  },
});
