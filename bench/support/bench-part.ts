/** A row of the benchmark's answer. Figures beside a floor are ratios of one run, since machines differ. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB' | 's' | 'ratio' | 'requests/s' | 'bytes';
  /** What we want it to be below (or, for rates, above). */
  readonly goal?: { readonly below: number } | { readonly above: number };
  /** What the figure is beside: the floor or peer of the same run. */
  readonly beside?: string;
}

export interface BenchPart {
  readonly name: string;
  readonly run: () => Promise<Figure[]>;
}
