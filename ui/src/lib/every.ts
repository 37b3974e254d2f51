// Lists in full: the core hands them out in pages, so that no answer grows with the ledger. How long a page is, is the
// core's to say; only an empty one is the end.
import { call } from '$host';

import type { EntryView, KeyView, RequestView } from './contract';

const PAGE = 1000;

export async function everyKey(): Promise<KeyView[]> {
  const all: KeyView[] = [];
  for (;;) {
    const page = await call('keys/list', { state: null, text: null, limit: PAGE, offset: all.length });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

export async function everyEntry(): Promise<EntryView[]> {
  const all: EntryView[] = [];
  for (;;) {
    const page = await call('ledger/entries', { from: all.length, limit: PAGE });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

export async function everyRequest(text: string | null): Promise<RequestView[]> {
  const all: RequestView[] = [];
  for (;;) {
    const page = await call('requests/list', { state: null, text, limit: PAGE, offset: all.length });
    if (page.length === 0) return all;
    all.push(...page);
  }
}
