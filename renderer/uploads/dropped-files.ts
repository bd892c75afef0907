/** A file that a person has given, and where it belongs below the folder it was given to. */
export interface GivenFile {
  /** "a.txt", or "folder/a.txt" for one out of a dropped folder */
  readonly path: string;
  readonly file: File;
}

/** Whether something that is being dragged holds files. */
export function holdsFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

/** Every file of a drop, those in dropped folders included. Must be called while the drop is handled: its items are gone afterwards. */
export async function droppedFiles(transfer: DataTransfer): Promise<GivenFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files];
  const found = await Promise.all(entries.flatMap((entry) => (entry === null ? [] : [filesOf(entry, '')])));
  const files = found.flat();
  // what has no entry (a picture dragged out of a page) is a file all the same
  return files.length > 0 ? files : plain.map((file) => ({ path: file.name, file }));
}

/** Files of a chooser; with their folders where one was chosen. */
export function chosenFiles(list: FileList | null): GivenFile[] {
  return [...list ?? []].map((file) => ({ path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath, file }));
}

async function filesOf(entry: FileSystemEntry, folder: string): Promise<GivenFile[]> {
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
  if (entry instanceof FileSystemFileEntry || entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => { (entry as FileSystemFileEntry).file(resolve, reject); });
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  // it gives some at a time, and none when there are no more
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (some.length === 0) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map((each) => filesOf(each, path)))).flat();
}
