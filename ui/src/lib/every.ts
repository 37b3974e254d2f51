// Lists in full: the core hands them out in pages, so that no answer grows with the ledger.
import { call } from '$host';

import type { EntryView, KeyView } from './contract';

const PAGE = 1000;

export async function everyKey(): Promise<KeyView[]> {
  const all: KeyView[] = [];
  for (;;) {
    const page = await call('keys/list', { state: null, text: null, limit: PAGE, offset: all.length });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

export async function everyEntry(): Promise<EntryView[]> {
  const all: EntryView[] = [];
  for (;;) {
    const page = await call('ledger/entries', { from: all.length, limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}
