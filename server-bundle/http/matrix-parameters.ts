import { BulkheadError } from '../contract/index.ts';
import { propertiesOf, type Properties } from '../repositories/properties/property-rules.ts';

/** What the matrix parameters of an address say: properties to set, or to ask for. */
export interface MatrixParameters {
  readonly properties: Properties;
  /** names that were written `name+=value`: an artifact without the property does not match */
  readonly mandatory: ReadonlySet<string>;
}

const none: MatrixParameters = { properties: new Map(), mandatory: new Set() };

/**
 * Artifactory's matrix parameters: `;name=value;name=value` behind any segment of the path, percent-encoded. A name without `=` has the
 * empty value; commas belong to the value, a further value of the same name is a further parameter.
 *
 * @param url raw, as `parseArtifactUrl` takes it, which cuts these off
 * @throws PROPERTY_INVALID, PATH_INVALID
 */
export function matrixParametersOf(url: string): MatrixParameters {
  const [path = ''] = url.split('?', 1);
  if (!path.includes(';')) return none;
  const mandatory = new Set<string>();
  const pairs: [string, string][] = [];
  for (const segment of path.split('/')) {
    for (const parameter of segment.split(';').slice(1)) {
      if (parameter === '') continue;
      const equals = parameter.indexOf('=');
      const written = decoded(equals < 0 ? parameter : parameter.slice(0, equals));
      const name = written.endsWith('+') ? written.slice(0, -1) : written;
      if (name !== written) mandatory.add(name);
      pairs.push([name, equals < 0 ? '' : decoded(parameter.slice(equals + 1))]);
    }
  }
  return { properties: propertiesOf(pairs), mandatory };
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new BulkheadError('PATH_INVALID', 'The path is not valid: the encoding of a matrix parameter is not valid');
  }
}
