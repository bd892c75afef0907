/** One core that computes MD5, SHA-1 and SHA-256 of bytes in memory, and does nothing else. Prints MiB a second. */
import { createHash } from 'node:crypto';

const block = Buffer.alloc(512 * 1024, 'digest');
const blocks = Number(process.argv[2]) / block.length;
const hashes = ['md5', 'sha1', 'sha256'].map((name) => createHash(name));
const begun = performance.now();
for (let count = 0; count < blocks; count += 1) for (const hash of hashes) hash.update(block);
for (const hash of hashes) hash.digest();
console.log(blocks * block.length / 2 ** 20 / (performance.now() - begun) * 1000);
