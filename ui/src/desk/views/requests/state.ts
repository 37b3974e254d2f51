// How a state looks, and which requests the queue shows in which order.
import type { RequestView } from '$lib/contract';

export type Tone = 'plain' | 'accent' | 'good' | 'warning' | 'bad';

const TONES: Record<string, Tone> = {
  received: 'plain',
  'changes-asked': 'warning',
  vetted: 'accent',
  countersigned: 'accent',
  issued: 'good',
  declined: 'bad',
  withdrawn: 'plain',
};

export const toneOf = (state: string): Tone => TONES[state] ?? 'plain';

export const STATES = Object.keys(TONES);
const CLOSED = ['declined', 'withdrawn', 'issued'];

export const overdue = (request: RequestView) => !!request.due && request.due * 1000 < Date.now();

/** What is said of a request beside its state. */
export const MARKS = ['mine', 'unread', 'blocked', 'overdue'];
const MARKED: Record<string, (request: RequestView) => boolean> = {
  mine: (request) => request.mine,
  unread: (request) => request.unread,
  blocked: (request) => request.blocked.length > 0,
  overdue,
};

/** Whether a request is among those that were asked for: by states and marks, all of which must hold. */
export function passes(request: RequestView, terms: string[], open: boolean): boolean {
  // Whoever asks for a state that closes a request wants to see it.
  if (open && CLOSED.includes(request.state) && !terms.includes(request.state)) return false;
  return terms.every((term) => MARKED[term]?.(request) ?? request.state === term);
}

export const ORDERS = ['mine', 'newest', 'oldest', 'company', 'due'] as const;
export type Order = (typeof ORDERS)[number];

/** The core says what waits for me first; the other orders are made here. */
export function sorted(requests: RequestView[], order: Order): RequestView[] {
  const at = (request: RequestView) => request.since || request.received;
  const due = (request: RequestView) => request.due ?? Number.MAX_SAFE_INTEGER;
  const by: Record<Order, (a: RequestView, b: RequestView) => number> = {
    mine: () => 0,
    newest: (a, b) => at(b) - at(a),
    oldest: (a, b) => at(a) - at(b),
    company: (a, b) => a.company.localeCompare(b.company),
    due: (a, b) => due(a) - due(b),
  };
  return order === 'mine' ? requests : [...requests].sort(by[order]);
}
