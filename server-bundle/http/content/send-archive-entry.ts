import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Content } from '../../repositories/content.ts';
import { readArchiveEntry } from '../../repositories/archive-entry.ts';

/** A file in an archive, and what it is in. */
interface EntryAddress {
  readonly repositoryKey: string;
  readonly archivePath: string;
  readonly entryPath: string;
}

/** Answers GET and HEAD of an entry of an archive. It is unpacked while it is sent, so there are no ranges of it. */
export async function sendArchiveEntry(request: FastifyRequest, reply: FastifyReply, content: Content, { repositoryKey, archivePath, entryPath }: EntryAddress): Promise<FastifyReply> {
  const { archive, mimeType, size, bytes } = await readArchiveEntry(content, request.principal, repositoryKey, archivePath, entryPath);
  reply.headers({ 'content-type': mimeType, 'content-length': size, 'last-modified': archive.modifiedAt.toUTCString(), 'accept-ranges': 'none' });
  if (request.method !== 'HEAD') return reply.send(bytes);
  bytes.destroy();
  return reply.send();
}
