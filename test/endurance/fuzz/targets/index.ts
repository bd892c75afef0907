import type { Target } from '../target.ts';
import { upstreams } from '../upstream.ts';
import { addresses, propertyStrings, searches, versionsAnywhere } from './addresses.ts';
import { archives } from './archives.ts';
import { jsonDocuments, queryStrings } from './documents.ts';
import { framing, headerValues, rangeRequests } from './headers.ts';
import { images } from './images.ts';
import { multipart, packuments, xml, yaml } from './packages.ts';

/** Everything that reads what a client, or a repository elsewhere, has sent. */
export const targets: Readonly<Record<string, Target>> = {
  addresses, versions: versionsAnywhere, properties: propertyStrings, searches, ranges: rangeRequests, headers: headerValues, framing, packuments, multipart, xml, yaml, images, archives, documents: jsonDocuments, queries: queryStrings, upstreams,
};
