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

/** Whether a request is among those that were asked for: all, a state, or what is said of it. */
export function passes(request: RequestView, which: string, open: boolean): boolean {
  if (STATES.includes(which)) return request.state === which;
  if (open && CLOSED.includes(request.state)) return false;
  if (which === 'mine') return request.mine;
  if (which === 'unread') return request.unread;
  if (which === 'blocked') return request.blocked.length > 0;
  return which !== 'overdue' || overdue(request);
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
