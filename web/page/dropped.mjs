// What is dropped on the page: files, and of folders the recordings in them.

/** How far a dropped folder is looked through: a folder of folders of recordings, and not somebody's whole disk. */
const mostFolders = 3, mostEntries = 10000;

/**
 * The WAV files of a folder and of those in it, in the order of their names.
 * @param {FileSystemDirectoryEntry} folder @param {{left: number}} [entries] that may still be looked at @param {number} [depth]
 * @returns {Promise<{name: string, file: File}[]>}
 */
async function soundsIn(folder, entries = { left: mostEntries }, depth = 1) {
  const reader = folder.createReader(), sounds = [];
  /** @type {FileSystemEntry[]} */ const found = [];
  while (entries.left > 0) {  // browsers give a hundred at a time
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) break;
    found.push(...some);
    entries.left -= some.length;
  }
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory && depth < mostFolders) sounds.push(...await soundsIn(/** @type {FileSystemDirectoryEntry} */ (entry), entries, depth + 1));
    if (!entry.isFile || !/^[^.].*\.wav$/i.test(entry.name)) continue;
    const file = await new Promise((resolve) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null)));
    if (file) sounds.push({ name: `${folder.name}/${file.name}`, file });
  }
  return sounds;
}

/**
 * Files, and the sounds in folders, which are named by their folder too; a folder without any stands for itself, and cannot be read.
 * Within the event: what was dropped is gone when that is over.
 * @param {DataTransfer|null} transfer
 * @returns {Promise<{name: string, file: File}[]>}
 */
export async function filesOf(transfer) {
  const files = [...(transfer?.files ?? [])], found = [];
  const entries = [...(transfer?.items ?? [])].filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry?.() ?? null);
  for (const [n, file] of files.entries()) {
    const sounds = entries[n]?.isDirectory ? await soundsIn(/** @type {FileSystemDirectoryEntry} */ (entries[n])) : [];
    found.push(...(sounds.length > 0 ? sounds : [{ name: file.name, file }]));
  }
  return found;
}
