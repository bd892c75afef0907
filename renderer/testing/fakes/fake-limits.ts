import type { ResultOf } from '../../../electron/contract/index.ts';

const drains = 'A node that is drained, upgraded or removed with this app loses no request behind it.';
const unrepeatable = 'A POST or PATCH that a lost host was working on: nobody knows whether it was done, so it is never repeated.';
const begun = 'A GET whose answer has begun breaks off with its host: no balancer can go on with it.';

export const limits: ResultOf<'newCluster.balancers'> = [
  { product: 'nginx', limits: { summary: 'Repeats GET, HEAD, DELETE and PUT up to 64 MiB on another node: none of them fails when a host is lost.', holds: ['GET, HEAD, DELETE and PUT with a known length that a lost host had not answered yet go to another node.', drains], canFail: ['A PUT larger than 64 MiB, or without a length: it is streamed, and cannot be sent again.', unrepeatable, begun] } },
  { product: 'haproxy', limits: { summary: 'Repeats requests that fit its buffer of 128 KiB on another node; a larger PUT that is under way fails when its host is lost.', holds: ['GET, HEAD, DELETE and PUT that fit the buffer (128 KiB) and had no answer yet go to another node.', drains], canFail: ['A PUT larger than 128 KiB that a lost host was taking.', unrepeatable, begun] } },
  { product: 'apache', limits: { summary: 'Never repeats a request that has been sent: those in flight on a lost host fail, all others go elsewhere.', holds: ['Requests that no node had been sent yet go to one that answers.', drains], canFail: ['Every request, GET and HEAD too, that a lost host was working on.', begun] } },
];
