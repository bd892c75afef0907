import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { BulkheadError } from '../../contract/index.ts';
import { lookInto, readTarEntry, readZipEntry } from '../archives/index.ts';
import type { FormatRepository, InspectedFile } from '../format.ts';
import { parseCoreMetadata, type CoreMetadata } from './core-metadata.ts';
import type { DistributionFacts } from './facts.ts';
import { distributionAt, type Distribution } from './file-names.ts';
import { normalizeName } from './names.ts';
import { isSameVersion } from './versions.ts';

/** Largest METADATA that is read; descriptions are in it. Bytes. */
const maxMetadataBytes = 4 * 1024 * 1024;
/** Largest METADATA, packed, that is kept to be handed out by itself. Bytes. */
const maxKeptBytes = 256 * 1024;
/** So much of an unpacked source archive is searched for its PKG-INFO. Bytes. */
const scanLimit = 256 * 1024 * 1024;

/** What a distribution says of itself. @throws PACKAGE_INVALID when that is not what its name says, or nothing can be read */
export async function inspectDistribution(_repository: FormatRepository, path: string, file: InspectedFile): Promise<DistributionFacts | null> {
  const distribution = distributionAt(path);
  if (distribution === null) return null;
  const bytes = await lookInto(distribution.fileName, () => metadataOf(distribution, file));
  if (bytes === null) return { requiresPython: null, metadata: null };
  const metadata = parseCoreMetadata(bytes.toString('utf8'));
  requireSame(distribution, metadata);
  const requiresPython = specifier(metadata.first('Requires-Python'));
  const facts = { name: metadata.first('Name'), version: metadata.first('Version'), requiresPython };
  if (distribution.type === 'sdist') return { ...facts, metadata: null };
  const gzip = gzipSync(bytes);
  if (gzip.length > maxKeptBytes) return { ...facts, metadata: null };
  return { ...facts, metadata: { sha256: createHash('sha256').update(bytes).digest('hex'), gzip: gzip.toString('base64') } };
}

/** METADATA of a wheel, PKG-INFO of a source archive; null for an old source archive that has none. */
async function metadataOf(distribution: Distribution, file: InspectedFile): Promise<Buffer | null> {
  const { type, fileName } = distribution;
  if (type === 'wheel') {
    const found = await readZipEntry(file, (name) => isDistInfo(name, distribution), maxMetadataBytes);
    if (found === undefined) throw invalid(fileName, 'it holds no METADATA of this project and version');
    if (found === null) throw invalid(fileName, 'its METADATA is too large');
    return found;
  }
  const isPkgInfo = (name: string): boolean => /^(?:\.\/)?[^/]+\/PKG-INFO$/.test(name);
  if (fileName.endsWith('.zip')) return await readZipEntry(file, isPkgInfo, maxMetadataBytes) ?? null;
  if (/\.(?:tar\.gz|tgz)$/.test(fileName)) return await readTarEntry(file, { wanted: isPkgInfo, limit: maxMetadataBytes, scanLimit }) ?? null;
  return null;
}

/** `name-version.dist-info/METADATA`, in whatever spelling of the two (binary distribution format, "The .dist-info directory"). */
function isDistInfo(entry: string, { project, version }: Distribution): boolean {
  const stem = /^([^/]+)\.dist-info\/METADATA$/.exec(entry)?.[1];
  const dash = stem?.lastIndexOf('-') ?? -1;
  if (stem === undefined || dash === -1 || normalizeName(stem.slice(0, dash)) !== project) return false;
  const written = stem.slice(dash + 1);
  return isSameVersion(written.replaceAll('_', '-'), version) || isSameVersion(written.replace('_', '+'), version);
}

function requireSame({ fileName, project, version }: Distribution, metadata: CoreMetadata): void {
  const name = metadata.first('Name');
  if (name === undefined || normalizeName(name) !== project) throw invalid(fileName, `its metadata names the project '${(name ?? '').slice(0, 100)}'`);
  const written = metadata.first('Version') ?? '';
  if (!isSameVersion(written, version)) throw invalid(fileName, `its metadata names the version '${written.slice(0, 100)}'`);
}

/** One line, as an attribute and a header can carry it. */
function specifier(text: string | undefined): string | null {
  const line = text?.replace(/\s+/g, ' ').trim() ?? '';
  return line === '' || line.length > 1000 ? null : line;
}

function invalid(fileName: string, reason: string): BulkheadError {
  return new BulkheadError('PACKAGE_INVALID', `${fileName}: ${reason}`, { details: { file: fileName, reason } });
}
