import type { AdapterParts, ProviderAdapter } from '../../contracts/provider.ts';

/** Where a fact of the wire was read, and when. */
export interface DocLink {
  readonly url: string;
  /** YYYY-MM-DD. */
  readonly read_on: string;
  readonly about: string;
}

/** What a file of this folder exports to be an adapter; the registry is generated from those that export createAdapter. */
export interface AdapterModule {
  readonly docs: readonly DocLink[];
  /** The headers that carry the key. */
  readonly auth: (key: string) => Readonly<Record<string, string>>;
  readonly createAdapter: (parts: AdapterParts) => ProviderAdapter;
  /** Whether a URL that the provider handed out is on a host of its own that takes the key too; absent = on none. */
  readonly takesKey?: (url: URL, base: URL) => boolean;
}
