/**
 * What a node's process is started with, against memory that thousands of slow readers would cost.
 *
 * `MALLOC_ARENA_MAX`: glibc gives each thread that allocates an arena of its own and returns little of them to the system: with some twenty threads (V8's, libuv's), that is a
 * third of it. Other C libraries ignore it.
 *
 * `MALLOC_MMAP_THRESHOLD_`: where glibc begins, and stays. Left alone it goes up with the first large buffer that is freed; from then on buffers of that size lie among small
 * ones, and their room is not given back: 2,500 slow readers of large files left 55 MiB behind.
 *
 * `--max-semi-space-size`: V8 lets its young generation grow to three times 16 MiB, and looks at it the more seldom, the more buffers outside of the heap wait for that. With
 * 2 MiB, 1,000 connections of which half are slow cost 60 MiB less; of 10,000 it is next to nothing (docs/benchmarks.md).
 */
export const processEnvironment = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', NODE_OPTIONS: '--max-semi-space-size=2' } as const;
