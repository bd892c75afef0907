import type { FastifyReply } from 'fastify';
import { sendResolved } from '../../../http/content/send-resolved.ts';
import { sendRecorded } from '../../../http/content/request-body.ts';
import { resolve, type Resolved } from '../../../repositories/resolve.ts';
import { npmRepository, packageNotFound, requirePackageName } from '../registry/npm-repository.ts';
import { unpublishTarball } from '../registry/unpublish.ts';
import { packageRequest, type Call } from './call.ts';

/** `GET /{package}/-/{file}` */
export async function getTarball(call: Call): Promise<FastifyReply> {
  const name = call.value('package');
  requirePackageName(name, false);
  for (const path of placesOf(name, call.value('file'))) {
    const found = await find(call, path);
    if (found.kind !== 'nothing') return sendResolved(call.request, call.reply, call.content, found, path.slice(path.lastIndexOf('/') + 1));
  }
  throw packageNotFound(`${name}/-/${call.value('file')}`);
}

async function find({ request, content, repositoryKey }: Call, path: string): Promise<Resolved> {
  const found = await resolve(content, request.principal, repositoryKey, path);
  if (found.repository.packageType !== 'npm') await npmRepository(content, repositoryKey);
  return found;
}

/** Where the file may be: some tools repeat the scope in its name, others leave it out, and neither knows what the other did. */
function placesOf(name: string, file: string): string[] {
  const scope = name.startsWith('@') ? name.slice(0, name.indexOf('/') + 1) : '';
  if (scope === '') return [`${name}/-/${file}`];
  const other = file.startsWith(scope) ? file.slice(scope.length) : scope + file;
  return [`${name}/-/${file}`, `${name}/-/${other}`];
}

/** `DELETE /{package}/-/{file}/-rev/{revision}` */
export async function deleteTarball(call: Call): Promise<FastifyReply> {
  return sendRecorded(call.reply, await unpublishTarball(call.content, packageRequest(call), `${call.value('package')}/-/${call.value('file')}`));
}
