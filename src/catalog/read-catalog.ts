/** Reads the catalogue's folder and compiles it, or fails with everything that is wrong, one line a fault. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, TomlError } from 'smol-toml';
import type { Catalog } from '../core/catalog/catalog.ts';
import { type CatalogFault, type CatalogFile, compileCatalog } from '../core/catalog/compile-catalog.ts';
import { compileEngines } from '../core/engines/compile-engines.ts';
import { readEngines } from './read-engines.ts';

export class CatalogError extends Error {
  readonly faults: readonly CatalogFault[];

  constructor(faults: readonly CatalogFault[]) {
    super(
      `The catalogue has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${faults.map(faultLine).join('\n')}`,
    );
    this.name = 'CatalogError';
    this.faults = faults;
  }
}

/** `models/bytedance/seedream-4.0.toml: offers[0].lookup: Invalid option ...`. */
export function faultLine({ path, at, message }: CatalogFault): string {
  return [path, at, message].filter((part) => part !== '').join(': ');
}

/** The catalogue that ships with Gesso. */
export const catalogDirectory = fileURLToPath(new URL('../../catalog', import.meta.url));

/** `directory` is the folder that holds models/, labs/ and providers/. Throws CatalogError. */
export async function readCatalog(directory: string = catalogDirectory): Promise<Catalog> {
  return compiled(await readCatalogFiles(directory));
}

/** The catalogue with the operator's own engines in it. Throws CatalogError. */
export async function readCatalogWithEngines(
  engines_file: string | undefined,
  directory: string = catalogDirectory,
): Promise<Catalog> {
  const shipped = await readCatalogFiles(directory);
  if (engines_file === undefined) return compiled(shipped);
  const read = await readEngines(engines_file);
  if ('faults' in read) throw new CatalogError(read.faults);
  const engines = compileEngines(read.engines, shipped);
  if ('faults' in engines) throw new CatalogError(engines.faults);
  return compiled(engines.files, engines.placeOf);
}

function compiled(
  files: readonly CatalogFile[],
  placeOf: (fault: CatalogFault) => CatalogFault = (fault) => fault,
): Catalog {
  const result = compileCatalog(files);
  if ('faults' in result) throw new CatalogError(result.faults.map(placeOf));
  return result.catalog;
}

async function readCatalogFiles(directory: string): Promise<CatalogFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.toml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(paths.map((path) => readCatalogFile(directory, path)));
}

async function readCatalogFile(directory: string, absolute: string): Promise<CatalogFile> {
  const path = relative(directory, absolute).split(sep).join('/');
  try {
    return { path, data: parse(await readFile(absolute, 'utf8')) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { path, unreadable: `line ${error.line}: ${error.message.split('\n')[0] ?? 'is not TOML'}` };
  }
}
