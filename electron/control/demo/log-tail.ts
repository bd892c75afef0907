import { open } from 'node:fs/promises';

/** The last lines of a file that may be large; empty when it is not there. */
export async function lastLines(file: string, count: number, fromByte = 0): Promise<string[]> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return [];
  try {
    const { size } = await handle.stat();
    const start = Math.max(fromByte, size - count * 500);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.max(0, size - start)), 0, Math.max(0, size - start), start);
    return buffer.subarray(0, bytesRead).toString().split('\n').filter((line) => line.trim() !== '').slice(-count);
  } finally {
    await handle.close();
  }
}
