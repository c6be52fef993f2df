import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Mode } from '../contracts/generation.ts';
import type { GenerationResult } from '../contracts/services.ts';

/** What the server counts about itself, for `GET /metrics`. */
export interface HttpMetrics {
  readonly registry: Registry;
  /** `count` is asked whenever the figures are read. */
  watchWorkInHand(count: () => number): void;
  /** Asynchronous work of this process; asked whenever the figures are read. */
  watchJobs(figures: () => JobFigures): void;
  /** Of this process, since it began; asked whenever the figures are read. */
  watchWebhooks(figures: () => WebhookFigures): void;
  /** Health of offers, for operators; asked whenever the figures are read. */
  watchOffers(report: () => readonly OfferFiguresRow[]): void;
  requestBegan(): void;
  requestEnded(route: string, method: string, status: number, duration_ms: number): void;
  generationDone(result: GenerationResult): void;
  generationFailed(model: string, code: string): void;
}

export interface JobFigures {
  /** Taken from the queue and worked on. */
  readonly running: number;
  /** Long polls and streams that wait for a change. */
  readonly waiters: number;
}

export interface WebhookFigures {
  readonly in_hand: number;
  /** Tries that were taken, and that were not. */
  readonly delivered: number;
  readonly failed: number;
}

export interface OfferFiguresRow {
  readonly mode: Mode;
  readonly offer_id: string;
  readonly error_rate: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly breaker: 'closed' | 'open' | 'half_open';
}

const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** `process` adds memory, CPU and event-loop figures: wanted once per process, not once per test server. */
export function createHttpMetrics(options: { readonly process: boolean }): HttpMetrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry });
  const inFlight = new Gauge({ name: 'gesso_http_requests_in_flight', help: 'Requests being answered.', registers });
  const requests = new Counter({
    name: 'gesso_http_requests_total',
    help: 'Answered requests.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'gesso_http_request_duration_seconds',
    help: 'Time from the first byte of the request to the last of the answer.',
    labelNames: ['route', 'method'],
    buckets: DURATION_BUCKETS_S,
    registers,
  });
  const generations = new Counter({
    name: 'gesso_generations_total',
    help: 'Generations by model, provider and outcome.',
    labelNames: ['model', 'provider', 'outcome'],
    registers,
  });
  const pictures = new Counter({
    name: 'gesso_pictures_total',
    help: 'Pictures delivered.',
    labelNames: ['model', 'provider'],
    registers,
  });
  const bytes = new Counter({
    name: 'gesso_picture_bytes_total',
    help: 'Bytes of the pictures delivered.',
    labelNames: ['model', 'provider'],
    registers,
  });
  return {
    registry,
    watchWorkInHand(count) {
      new Gauge({
        name: 'gesso_work_in_hand',
        help: 'Generations that are being made, also those whose client has gone.',
        registers,
        collect() {
          this.set(count());
        },
      });
    },
    watchJobs(figures) {
      const gauge = (name: string, help: string, value: (now: JobFigures) => number): void => {
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(value(figures()));
          },
        });
      };
      gauge('gesso_jobs_running', 'Asynchronous generations that are being made.', ({ running }) => running);
      gauge('gesso_waiters', 'Long polls and streams that wait for a generation.', ({ waiters }) => waiters);
    },
    watchWebhooks(figures) {
      new Gauge({
        name: 'gesso_webhooks_in_hand',
        help: 'Webhooks that are being sent.',
        registers,
        collect() {
          this.set(figures().in_hand);
        },
      });
      new Counter({
        name: 'gesso_webhook_tries_total',
        help: 'Tries to deliver a webhook, by what came of them.',
        labelNames: ['outcome'],
        registers,
        collect() {
          const { delivered, failed } = figures();
          this.reset();
          this.inc({ outcome: 'delivered' }, delivered);
          this.inc({ outcome: 'failed' }, failed);
        },
      });
    },
    watchOffers(report) {
      const labelNames = ['mode', 'offer'];
      const gauge = (name: string, help: string, value: (row: OfferFiguresRow) => number | null): void => {
        new Gauge({
          name,
          help,
          labelNames,
          registers,
          collect() {
            this.reset();
            for (const row of report()) {
              const figure = value(row);
              if (figure !== null) this.set({ mode: row.mode, offer: row.offer_id }, figure);
            }
          },
        });
      };
      const seconds = (milliseconds: number | null): number | null => milliseconds && milliseconds / 1000;
      gauge('gesso_offer_error_ratio', 'Share of failures of the last ten minutes.', ({ error_rate }) => error_rate);
      gauge('gesso_offer_p50_seconds', 'Median time of a call.', ({ p50_ms }) => seconds(p50_ms));
      gauge('gesso_offer_p95_seconds', '95th percentile of the time of a call.', ({ p95_ms }) => seconds(p95_ms));
      gauge('gesso_offer_breaker_open', 'Circuit breaker: 0 closed, 0.5 being probed, 1 open.', ({ breaker }) =>
        breaker === 'closed' ? 0 : breaker === 'open' ? 1 : 0.5,
      );
    },
    requestBegan: () => inFlight.inc(),
    requestEnded(route, method, status, duration_ms) {
      inFlight.dec();
      requests.inc({ route, method, status });
      durations.observe({ route, method }, duration_ms / 1000);
    },
    generationDone({ model, provider, pictures: delivered }) {
      generations.inc({ model, provider, outcome: 'success' });
      pictures.inc({ model, provider }, delivered.length);
      bytes.inc(
        { model, provider },
        delivered.reduce((sum, picture) => sum + picture.bytes, 0),
      );
    },
    generationFailed: (model, code) => generations.inc({ model, provider: 'none', outcome: code }),
  };
}
