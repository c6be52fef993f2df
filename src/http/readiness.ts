/** Whether traffic should be sent here. Draining comes first: a stopping server is not ready whatever its parts say. */
export interface Readiness {
  /** Set once, when the server begins to stop. */
  draining: boolean;
  /** Each part by name; a rejected check is a part that is not ready. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
}

export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>;
}

export function createReadiness(checks: Readiness['checks'] = {}): Readiness {
  return { draining: false, checks };
}

/** Asks every part at once. What failed is told by name only: the reason is for the log. */
export async function reportReadiness(
  readiness: Readiness,
  onFailure: (name: string, error: unknown) => void = () => undefined,
): Promise<ReadinessReport> {
  const results = await Promise.all(
    Object.entries(readiness.checks).map(async ([name, check]) => {
      try {
        await check();
        return [name, 'ok'] as const;
      } catch (error) {
        onFailure(name, error);
        return [name, 'failed'] as const;
      }
    }),
  );
  const ready = !readiness.draining && results.every(([, state]) => state === 'ok');
  return { ready, checks: Object.fromEntries(results) };
}
