/** Provider servers as they call the webhooks of their jobs: when a test says so, as often and as honestly as it says. */
export interface HookMessage {
  readonly id: string;
  /** As the job was given it; null where none was. */
  readonly url: string | null;
  readonly body: string;
}

export interface HookSource {
  finish(): void;
  /** One for each job, ended or not. */
  messages(): Promise<readonly HookMessage[]>;
  /** `timestamp` in seconds since the epoch. */
  sign(message: HookMessage, timestamp: number): Readonly<Record<string, string>>;
}

export interface HookOrder {
  /** The origin that is really called, in place of the public one in the job's URL. */
  readonly to: string;
  /** Only of the last job; absent = of all. */
  readonly newest?: boolean;
  /** Absent = 1. */
  readonly times?: number;
  /** `wrong`: the body is another than was signed; `old`: signed six minutes ago. Absent = right. */
  readonly signature?: 'right' | 'wrong' | 'old';
}

export async function callWebhooks(
  source: HookSource | undefined,
  { to, newest = false, times = 1, signature = 'right' }: HookOrder,
  now: number,
): Promise<readonly number[]> {
  const timestamp = Math.floor(now / 1000) - (signature === 'old' ? 360 : 0);
  const statuses: number[] = [];
  const messages = (await source?.messages()) ?? [];
  for (const message of newest ? messages.slice(-1) : messages) {
    if (message.url === null || source === undefined) continue;
    const headers = { 'content-type': 'application/json', ...source.sign(message, timestamp) };
    const body = signature === 'wrong' ? `${message.body} ` : message.body;
    for (let time = 0; time < times; time++) {
      const { status } = await fetch(to + new URL(message.url).pathname, { method: 'POST', headers, body });
      statuses.push(status);
    }
  }
  return statuses;
}
