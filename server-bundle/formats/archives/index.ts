/** Looking for one file in an archive, with limits on time and memory. */
export { lookInto } from './look-into.ts';
export { readTarEntry, type TarSearch } from './tar-entry.ts';
export { readZipEntry } from './zip-entry.ts';
