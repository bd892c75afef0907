/**
 * What a node's process is started with. glibc gives each thread that allocates an arena of its own and returns little of them to the system: with some twenty threads (V8's, libuv's), that
 * is a third of what thousands of slow readers cost. Other C libraries ignore it.
 */
export const processEnvironment = { MALLOC_ARENA_MAX: '2' } as const;
