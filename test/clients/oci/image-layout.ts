import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

interface Descriptor { mediaType: string; digest: string; size: number; platform?: { os: string; architecture: string } }

/** An image layout (image-spec 1.1, "Image Layout") with one image, or with an index of one image for each architecture. */
export class ImageLayout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @param layerBytes size of each image's own layer */
  async write(tag: string, architectures: readonly string[], layerBytes: number): Promise<string> {
    await mkdir(join(this.folder, 'blobs/sha256'), { recursive: true });
    await writeFile(join(this.folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    const images: Descriptor[] = [];
    for (const architecture of architectures) images.push(await this.#image(architecture, layerBytes));
    const [only] = images;
    const top = images.length === 1 && only !== undefined ? only : await this.#json('application/vnd.oci.image.index.v1+json', {
      schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: images,
    });
    await writeFile(join(this.folder, 'index.json'), JSON.stringify({
      schemaVersion: 2, manifests: [{ ...top, annotations: { 'org.opencontainers.image.ref.name': tag } }],
    }));
    return top.digest;
  }

  async #image(architecture: string, layerBytes: number): Promise<Descriptor> {
    const content = tarOf(`bin/tool-${architecture}`, randomBytes(layerBytes));
    const layer = await this.#blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(content, { level: 1 }));
    const config = await this.#json('application/vnd.oci.image.config.v1+json', {
      architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [digestOf(content)] },
    });
    const manifest = await this.#json('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: [layer],
    });
    return { ...manifest, platform: { os: 'linux', architecture } };
  }

  #json(mediaType: string, value: unknown): Promise<Descriptor> {
    return this.#blob(mediaType, Buffer.from(JSON.stringify(value)));
  }

  async #blob(mediaType: string, bytes: Buffer): Promise<Descriptor> {
    const digest = digestOf(bytes);
    await writeFile(join(this.folder, 'blobs', digest.replace(':', '/')), bytes);
    return { mediaType, digest, size: bytes.length };
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A tar archive (POSIX ustar) of one file. */
function tarOf(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\u000000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512 + 1024)]);
}
