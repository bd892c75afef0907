import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { BulkheadError } from '../../contract/index.ts';

/** The fields that say what is uploaded; descriptions, classifiers and the like are read from the file itself. */
const kept = [':action', 'protocol_version', 'name', 'version', 'filetype', 'md5_digest', 'sha256_digest', 'blake2_256_digest'] as const;
export type UploadField = typeof kept[number];

const limits = {
  /** a long description is a field too; bytes */
  fieldSize: 8 * 1024 * 1024, fieldNameSize: 100, fields: 10_000, files: 4, parts: 10_010, headerPairs: 50, headerSize: 16 * 1024,
};

/** A form up to its file. The file's stream ends only when the form has ended as it should. */
export interface UploadForm {
  readonly fields: ReadonlyMap<UploadField, string>;
  /** as the client gave it */
  readonly fileName: string;
  readonly content: AsyncIterable<Buffer>;
}

/**
 * Reads a form as twine and all its relatives send it: first what is uploaded, then the file, in a part called `content`.
 * @param body the request's; it is left alone when the form is refused, so that the answer can still be sent
 * @throws BODY_INVALID; MEDIA_TYPE_UNSUPPORTED for what is no form
 */
export async function readUploadForm(contentType: string | undefined, body: Readable): Promise<UploadForm> {
  if (contentType === undefined || !/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new BulkheadError('MEDIA_TYPE_UNSUPPORTED', undefined, { hint: 'Send a form (multipart/form-data), as twine does.' });
  }
  const fields = new Map<UploadField, string>();
  const parser = startParser(contentType);
  return new Promise((resolve, reject) => {
    let file: Readable | undefined;
    let failure: Error | undefined;
    let over = false;
    const ended = Promise.withResolvers<undefined>();
    ended.promise.catch(() => undefined);
    const fail = (error: Error): void => {
      if (over) return;
      over = true;
      failure = error;
      body.unpipe(parser);
      ended.reject(error);
      file?.destroy();
      reject(error);
    };

    parser.on('field', (name, value, nameCut, valueCut) => {
      const field = kept.find((each) => each === name);
      if (field === undefined || over) return;
      if (file !== undefined) fail(invalid(`the field ${field} has to come before the file`));
      else if (nameCut || valueCut || value.length > 1000) fail(invalid(`the field ${field} is too long`));
      else if (fields.has(field)) fail(invalid(`the field ${field} is there twice`));
      else fields.set(field, value);
    });
    // against its types, the name is missing for a part that is a file by its media type alone
    parser.on('file', (name, stream, fileName: string | undefined) => {
      stream.on('error', () => undefined);
      if (name !== 'content' || over) {
        stream.resume();
        return;
      }
      if (file !== undefined) {
        stream.resume();
        fail(invalid('there are two files'));
        return;
      }
      file = stream;
      resolve({ fields, fileName: fileName ?? '', content: content(stream, ended.promise, () => failure) });
    });
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) parser.on(limit, () => { fail(invalid('it has too many parts')); });
    parser.on('finish', () => {
      if (over) return;
      if (file === undefined) fail(invalid('it has no file, in a part called content'));
      over = true;
      ended.resolve(undefined);
    });
    parser.on('error', (error) => { fail(invalid('it cannot be read', error)); });
    body.on('error', (error) => { fail(new BulkheadError('BODY_TRUNCATED', undefined, { cause: error })); });
    body.on('close', () => { if (!body.readableEnded) fail(new BulkheadError('BODY_TRUNCATED')); });
    body.pipe(parser);
  });
}

function startParser(contentType: string): InstanceType<typeof Busboy> {
  const headers: BusboyHeaders = { 'content-type': contentType };
  try {
    // a name with folders in it is to be seen, and refused
    return new Busboy({ headers, limits, preservePath: true });
  } catch (error) {
    throw invalid('it has no boundary', error);
  }
}

async function* content(file: Readable, ended: Promise<undefined>, failure: () => Error | undefined): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw failure() ?? error;
  }
  await ended;
}

function invalid(reason: string, cause?: unknown): BulkheadError {
  return new BulkheadError('BODY_INVALID', `The form is not valid: ${reason}`, { details: { reason }, cause });
}
