import { BulkheadError } from '../contract/index.ts';

/** Levels of arrays and objects that any document of ours, or of a client, has use for. */
export const deepestJson = 200;

const [quote, backslash, openArray, closeArray, openObject, closeObject] = Buffer.from('"\\[]{}');

/**
 * Whether arrays and objects of a JSON text lie deeper in each other than `deepest` levels. `JSON.parse` takes a quarter of a second for a megabyte of
 * nothing but brackets, in which nobody else is served; this looks at the bytes only, and stops at the first one too deep.
 *
 * @param json UTF-8; need not be valid
 */
export function isTooDeep(json: Uint8Array, deepest = deepestJson): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index];
    if (inString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openArray || byte === openObject) {
      depth += 1;
      if (depth > deepest) return true;
    } else if (byte === closeArray || byte === closeObject) depth -= 1;
  }
  return false;
}

/** BODY_INVALID for a JSON text that is nested too deeply to be parsed; null for all others. */
export function depthProblem(json: Uint8Array): BulkheadError | null {
  return isTooDeep(json) ? new BulkheadError('BODY_INVALID', `The JSON is nested more than ${String(deepestJson)} levels deep`) : null;
}

/**
 * The value of a JSON text that a stranger has sent.
 *
 * @param json UTF-8
 * @throws SyntaxError when it is none, BODY_INVALID when it is nested too deeply
 */
export function parseJson(json: Uint8Array): unknown {
  const problem = depthProblem(json);
  if (problem !== null) throw problem;
  return JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
}
