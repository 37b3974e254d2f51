// For tests in a browser: the same calls over HTTP, to the same host without a web view. Never part of what ships.
import { failure, type Call, type Listen, type Told } from './host';

const page = () => location.pathname.replace(/^\/|\.html$/g, '') || 'start';

export const call: Call = async (name, request) => {
  let response: Response;
  try {
    response = await fetch(`/call/${page()}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
  } catch (error) {
    throw failure(error);
  }
  const answer = await response.json();
  if (!response.ok) throw failure(answer);
  return answer;
};

// One for all who listen: a browser keeps six connections to a host, and a stream holds one of them for good.
let source: EventSource | undefined;

export const listen: Listen = <E extends keyof Told>(event: E, act: (said: Told[E]) => void) => {
  const stream = (source ??= new EventSource('/changes'));
  const hear = (message: MessageEvent<string>) => act(JSON.parse(message.data));
  stream.addEventListener(event, hear);
  return () => stream.removeEventListener(event, hear);
};

export function onDrop(_act: (paths: string[]) => void): () => void {
  return () => {};
}
