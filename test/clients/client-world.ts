import { afterAll, beforeAll, expect } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { startForgetfulFront, type ForgetfulFront } from '../harness/forgetful-front.ts';
import { freePort } from '../harness/free-port.ts';
import { deployDebianRepository } from './maven/debian-repository.ts';

/** What all cases of a test file share: starting a cluster takes longer than most of them. Each case has repositories of its own. */
export interface ClientWorld {
  readonly cluster: TestCluster;
  /** before the balancer, and takes its cookies away: each request may land on another node */
  readonly front: ForgetfulFront;
  /** of the front, and what the cluster gives out as its own */
  readonly address: string;
  /** Makes a repository from Artifactory's JSON. */
  repository(key: string, json: Readonly<Record<string, unknown>>): Promise<void>;
  /** Debian's Maven repository, deployed once; resolves to the number of its files. */
  debianRepository(): Promise<number>;
}

/** Registers the hooks of the test file: a cluster of three nodes behind a balancer, and the front. Nothing of it is there before the hooks have run. */
export function clientWorld(): ClientWorld {
  let cluster: TestCluster;
  let front: ForgetfulFront;
  let address: string;
  let debian: Promise<number> | undefined;
  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${String(port)}`;
    front = await startForgetfulFront(port, () => cluster.balancer.url);
    cluster = await startCluster({ config: { baseUrl: address } });
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await cluster.stop();
  });
  return {
    get cluster() { return cluster; },
    get front() { return front; },
    get address() { return address; },
    async repository(key, json) {
      const made = await cluster.balancer.client.put(`/api/repositories/${key}`, JSON.stringify(json), { headers: { 'content-type': 'application/json' } });
      expect(made.status, made.text()).toBe(200);
    },
    debianRepository: () => debian ??= deployDebianRepository(cluster.balancer.client),
  };
}
