import { type FileHandle, open } from "node:fs/promises";

/** Opens a file anew for writing that only its owner can read, since conversations may hold what is nobody else's. */
export async function openPrivate(file: string): Promise<FileHandle> {
  const handle = await open(file, "w", 0o600);
  try {
    // One that was there keeps its mode otherwise. Where there are no modes, this does nothing.
    await handle.chmod(0o600);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
