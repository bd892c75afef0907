import { Readable } from 'node:stream';

/** Characters of JSON that are handed on together: the connection takes them at once, and others get their turn in between. */
const chunkLength = 64 * 1024;

/**
 * A JSON object whose last field is a list that is read while it is sent, written as `JSON.stringify(…, null, 2)` writes it. When the list
 * breaks off, so does the answer: its client sees an incomplete body, never a shorter list.
 */
export function streamList(fields: Readonly<Record<string, unknown>>, name: string, items: AsyncIterable<unknown>): Readable {
  return Readable.from(chunks(fields, name, items), { objectMode: false });
}

async function* chunks(fields: Readonly<Record<string, unknown>>, name: string, items: AsyncIterable<unknown>): AsyncGenerator<string> {
  const head = JSON.stringify({ ...fields, [name]: [] }, null, 2);
  const end = head.lastIndexOf(']');
  let text = head.slice(0, end);
  let between = '\n';
  for await (const item of items) {
    text += `${between}${JSON.stringify(item, null, 2).replaceAll(/^/gm, '    ')}`;
    between = ',\n';
    if (text.length < chunkLength) continue;
    yield text;
    text = '';
  }
  yield text + (between === '\n' ? '' : '\n  ') + head.slice(end);
}
