/** Numbers as people read them. Pure. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Decimal units, as disks and browsers count: 1234567 is `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}

/** Of prices: 0 is `free`. */
export function formatCost(micros: number): string {
  return micros === 0 ? 'free' : formatDollars(micros);
}

/** Micro-dollars, never rounded away: 30000 is `$0.03`, -1 is `-$0.000001`. */
export function formatDollars(micros: number): string {
  const [whole = '0', decimals = ''] = (Math.abs(micros) / 1_000_000).toFixed(6).split('.');
  return `${micros < 0 ? '-' : ''}$${whole}.${decimals.replace(/0+$/, '').padEnd(2, '0')}`;
}

/** Unix seconds, in UTC to the minute: `2026-11-20 15:54`. */
export function formatMoment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
