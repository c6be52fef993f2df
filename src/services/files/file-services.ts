import type { FileServices } from '../../contracts/files.ts';
import type { ServiceParts } from '../parts.ts';
import { createFile, deleteFile, getFile, listFiles, openFile, storeFile } from './manage-files.ts';

export function createFileServices(parts: ServiceParts): FileServices {
  return {
    storeFile: (principal, stream) => storeFile(parts, principal, stream),
    createFile: (principal, blob, wish) => createFile(parts, principal, blob, wish),
    listFiles: (principal, query) => listFiles(parts, principal, query),
    getFile: (principal, id) => getFile(parts, principal, id),
    openFile: (principal, id) => openFile(parts, principal, id),
    deleteFile: (principal, id) => deleteFile(parts, principal, id),
  };
}
