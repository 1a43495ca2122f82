import { EventParser } from '../lib/sse.ts';
import { meta } from '../lib/release.ts';

export type LiveState = 'connecting' | 'live' | 'offline';

const PAUSES = [500, 1000, 2000, 5000, 10000] as const;

/**
 * Listens for changes that others made in the company.
 * Server-sent events over fetch: EventSource could not send the token in a header.
 */
export function listen(
  token: string,
  onTopic: (topic: string) => void,
  onState: (state: LiveState) => void,
): () => void {
  const stop = new AbortController();
  void run(token, onTopic, onState, stop.signal);
  return () => {
    stop.abort();
  };
}

async function run(
  token: string,
  onTopic: (topic: string) => void,
  onState: (state: LiveState) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const outcome = await once(token, signal, onTopic, () => {
      // Between two connections something may have changed.
      if (failures > 0) onTopic('*');
      failures = 0;
      onState('live');
    });
    if (outcome === 'over') return;
    onState('offline');
    await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(failures, PAUSES.length - 1)]));
    failures += 1;
  }
}

/** One connection, until it ends; `over` when another would be of no use. */
async function once(
  token: string,
  signal: AbortSignal,
  onTopic: (topic: string) => void,
  onOpen: () => void,
): Promise<'again' | 'over'> {
  const headers = { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' };
  try {
    const response = await fetch(`${meta('api-base') ?? '/api'}/live`, { headers, signal });
    if (response.status === 401 || response.status === 403) return 'over';
    if (response.ok && response.body) {
      onOpen();
      await read(response.body, onTopic);
    }
    return 'again';
  } catch {
    return signal.aborted ? 'over' : 'again';
  }
}

async function read(body: ReadableStream<Uint8Array>, onTopic: (topic: string) => void): Promise<void> {
  const parser = new EventParser();
  const text = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.push(text.decode(value, { stream: true }))) {
      if (event.event === 'change') onTopic((JSON.parse(event.data) as { topic: string }).topic);
    }
  }
}
