import type { BalancerLimits, BalancerOptions, BalancerProduct } from '../../contract/index.ts';

const whoDrains = 'A node that is drained, upgraded or removed with this app loses no request behind it.';

/** What a product does to requests when a host is lost or drained, as far as it was measured; told where it is chosen. */
export function limitsOf(product: BalancerProduct, { largeBodyBytes, haproxyBufferBytes, timeouts }: BalancerOptions): BalancerLimits {
  const always = 'A GET whose answer has begun breaks off with its host: no balancer can go on with it.';
  const unrepeatable = 'A POST or PATCH that a lost host was working on: nobody knows whether it was done, so it is never repeated.';
  switch (product) {
    case 'nginx':
      return {
        summary: `Repeats GET, HEAD, DELETE and PUT up to ${size(largeBodyBytes)} on another node: none of them fails when a host is lost.`,
        holds: ['GET, HEAD, DELETE and PUT with a known length that a lost host had not answered yet go to another node.', whoDrains],
        canFail: [
          `A PUT larger than ${size(largeBodyBytes)}, or without a length: it is streamed, and cannot be sent again.`, unrepeatable, always,
          `After a power cut, a request waits up to ${timeouts.answerSeconds} s for the lost host before it is repeated.`,
          'It asks no node whether it is well: a POST or PATCH that reaches a node stopped without this app can get 503.',
        ],
      };
    case 'haproxy':
      return {
        summary: `Repeats requests that fit its buffer of ${size(haproxyBufferBytes)} on another node; a larger PUT that is under way fails when its host is lost.`,
        holds: [`GET, HEAD, DELETE and PUT that fit the buffer (${size(haproxyBufferBytes)}, headers and a reserve included) and had no answer yet go to another node.`, whoDrains],
        canFail: [`A PUT larger than ${size(haproxyBufferBytes)} that a lost host was taking.`, unrepeatable, always],
      };
    case 'apache':
      return {
        summary: 'Never repeats a request that has been sent: those in flight on a lost host fail, all others go elsewhere.',
        holds: ['Requests that no node had been sent yet go to one that answers.', whoDrains],
        canFail: [
          'Every request, GET and HEAD too, that a lost host was working on.', always,
          `After a power cut they hang until the client gives up, or ${timeouts.readSeconds} s.`,
        ],
      };
  }
}

function size(bytes: number): string {
  for (const [unit, factor] of [['GiB', 1024 ** 3], ['MiB', 1024 ** 2], ['KiB', 1024]] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor} ${unit}`;
  }
  return `${bytes} bytes`;
}
