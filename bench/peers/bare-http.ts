/** node:http that answers every request with the same bytes from memory, with as many header fields as an artifact's answer has, and does nothing else: what a server on Node.js is bound by. */
import { createServer } from 'node:http';

const [port, size] = process.argv.slice(2).map(Number);
const body = Buffer.alloc(size ?? 0, 'bare');
const checksum = 'a'.repeat(64);
createServer((_request, response) => {
  response.writeHead(200, {
    'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox", 'referrer-policy': 'no-referrer', 'x-bulkhead-node': 'n1',
    etag: `"${checksum.slice(0, 40)}"`, 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT', 'accept-ranges': 'bytes',
    'x-checksum-md5': checksum.slice(0, 32), 'x-checksum-sha1': checksum.slice(0, 40), 'x-checksum-sha256': checksum, 'x-artifactory-filename': 'file.bin',
    'content-disposition': "attachment; filename*=UTF-8''file.bin", 'content-type': 'application/octet-stream', 'content-length': body.length, 'x-request-id': '00000000-1',
  });
  response.end(body);
}).listen(port, '127.0.0.1');
