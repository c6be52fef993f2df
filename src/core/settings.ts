/** Settings are declared by the component that uses them and read once, together, so that every fault is told at once. */
import { z } from 'zod';

export interface SettingRow {
  readonly schema: z.ZodType;
  /** One sentence for `gesso config` and the reference page. */
  readonly description: string;
  /** Secrets are shown as `set` or `not set`, redacted from logs, and may be given as a file by NAME_FILE. */
  readonly secret?: boolean;
  /** Must be set where that one is, and what to do when it is not. */
  readonly required_with?: { readonly name: string; readonly fix: string };
}

export type SettingTable = Readonly<Record<string, SettingRow>>;

export type SettingValues<T extends SettingTable> = { readonly [K in keyof T]: z.output<T[K]['schema']> };

/** Keeps the literal types of a component's table. */
export function defineSettings<const T extends SettingTable>(table: T): T {
  return table;
}

/** Whole numbers written in text, within bounds. */
export function wholeNumber(min: number, max: number): z.ZodType<number> {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number(error).int(error).min(min, error).max(max, error);
}

export interface SettingFault {
  readonly name: string;
  readonly message: string;
}

/** Reads every setting of a table out of text values; an empty text counts as absent. Pure: `environment` is an argument. */
export function readSettings<T extends SettingTable>(
  table: T,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly values: SettingValues<T>; readonly faults: readonly SettingFault[] } {
  const values: Record<string, unknown> = {};
  const faults: SettingFault[] = [];
  for (const [name, row] of Object.entries(table)) {
    const text = environment[name];
    const parsed = row.schema.safeParse(text === '' ? undefined : text);
    if (parsed.success) values[name] = parsed.data;
    else for (const issue of parsed.error.issues) faults.push({ name, message: issue.message });
  }
  for (const [name, { required_with }] of Object.entries(table)) {
    if (required_with === undefined || values[required_with.name] === undefined || environment[name]) continue;
    faults.push({ name, message: `must be set where ${required_with.name} is: ${required_with.fix}` });
  }
  // The loop above has filled every key of T with its schema's output, or left a fault.
  return { values: values as SettingValues<T>, faults };
}
