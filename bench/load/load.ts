/** What a server is asked, again and again. */
export interface Asked {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  /** the server's process, whose processor time is measured */
  readonly pid: number;
}

export interface Load {
  readonly perSecond: number;
  readonly bytesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** processor time of the server for each request, microseconds */
  readonly cpuMicros: number;
  /** share of a core that the generator used: near 1 means that it was the limit */
  readonly generatorCore: number;
}

/** A slice in which requests failed has measured something else. */
export class LoadFailed extends Error {}
