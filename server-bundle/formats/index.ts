import type { Format } from './format.ts';
import { generic } from './generic/index.ts';
import { helm } from './helm/index.ts';
import { maven } from './maven/index.ts';
import { docker, helmOci, oci } from './oci/index.ts';
import { pypi } from './pypi/index.ts';
import { npm } from './npm/index.ts';

export type { ByteSpan, ComputedContent, ComputedDocument, DocumentPart, Format, FormatRepository, FormerPlace, InspectedFile, StandIn } from './format.ts';
export type { RemoteFormat, UpstreamDocument, UpstreamRequest } from './remote-format.ts';

/** Every package type that a repository can have. */
export const formats: readonly Format[] = [generic, maven, docker, oci, helmOci, helm, pypi, npm];

export function findFormat(packageType: string): Format | undefined {
  return formats.find((format) => format.packageType === packageType.toLowerCase());
}
