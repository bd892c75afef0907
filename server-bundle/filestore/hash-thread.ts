/**
 * What a hashing thread runs. It is kept as text because the node is shipped as one file: a thread made from text needs no
 * second file beside it and runs the same from source, from a test and from the bundle.
 *
 * In: `{job, algorithms}` begins, `{job, block, length}` adds bytes of a shared block, `{job, end: true}` finishes, `{job, drop: true}` forgets.
 * Out: `{job}` once a block may be written again, `{job, digests}` at the end.
 */
export const hashThread = `
'use strict';
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
// on Linux a priority is one of a thread: whoever waits for a small answer comes before the digests of a large body
if (process.platform === 'linux') try { require('node:os').setPriority(0, 5); } catch {}
const jobs = new Map();
parentPort.on('message', (message) => {
  const { job } = message;
  if (message.algorithms) {
    jobs.set(job, message.algorithms.map((name) => [name, createHash(name)]));
  } else if (message.block) {
    const bytes = new Uint8Array(message.block, 0, message.length);
    for (const [, hash] of jobs.get(job)) hash.update(bytes);
    parentPort.postMessage({ job });
  } else {
    const hashes = jobs.get(job);
    jobs.delete(job);
    if (message.end) parentPort.postMessage({ job, digests: Object.fromEntries(hashes.map(([name, hash]) => [name, hash.digest('hex')])) });
  }
});
`;
