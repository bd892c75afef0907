/** Where the lab lives. One lab at a time runs on a machine. */
export const labFolder = '/run/bulkhead-lab';
/** Kept between runs. */
export const cacheFolder = '/var/cache/bulkhead-lab';
export const bridge = 'bhlab0';
export const gateway = '10.77.0.1';
export const subnet = '10.77.0.0/24';
/** Names of everything that the lab makes begin so; what begins so may be taken away. */
export const prefix = 'bhlab-';

/** The same on every host. They protect nothing: hosts are reached from this machine only. */
export const users = {
  /** may do everything without being asked */
  ops: { name: 'ops', password: 'ops opens doors' },
  /** sudo asks for the password */
  careful: { name: 'careful', password: 'it\'s "careful" $HOME \\ !42' },
  /** no sudo */
  plain: { name: 'plain', password: 'plain sailing' },
} as const;
export type LabUser = keyof typeof users | 'root';
