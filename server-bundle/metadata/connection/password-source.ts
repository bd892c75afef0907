/** Where a new connection gets its password from; there is more than one while the database is given a new one. */
export interface PasswordSource {
  readonly current: string | undefined;
  readonly count: number;
  /** The server did not take it: the other one is tried next. */
  refused(password: string | undefined): void;
}

/** SQLSTATE invalid_password */
const invalidPassword = '28P01';

/** Makes a connection; again with the next password when the server did not take this one. */
export async function withEachPassword<T>(source: PasswordSource | undefined, connect: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const password = source?.current;
    try {
      return await connect();
    } catch (error) {
      if (source === undefined || !(error instanceof Error) || !('code' in error) || error.code !== invalidPassword) throw error;
      source.refused(password);
      // others may have turned it at the same time: each password gets two chances
      if (attempt >= source.count * 2) throw error;
    }
  }
}
