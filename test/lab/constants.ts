/** Kept between runs. */
export const cacheFolder = '/var/cache/bulkhead-lab';

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
