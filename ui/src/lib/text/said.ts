// What the core says in English, in the reader's language. What it says stands in said.en.ftl, as it says it: by that a
// text is found again, and what fills its gaps is filled into the same text of the other language. What is not listed is
// shown as it was said.
import { FluentResource, type FluentVariable } from '@fluent/bundle';

import { coded, language, phrases as spoken, t } from './text.svelte';

const HELD = 'You hold the key. Give the receipt to the organisation, so that it begins to work';

/** Gaps that hold a code, a number, or what the core says too. Anything else is a name, and stays as it is. */
const GAPS: Record<string, (text: string) => FluentVariable> = {
  reason: (code) => coded('reason', code, code),
  change: (code) => coded('change', code, code),
  field: (code) => coded('field', code, code),
  ...Object.fromEntries(['why', 'what', 'end', 'are', 'stop', 'thing', 'instructions'].map((name) => [name, said])),
  ...Object.fromEntries(['days', 'count', 'times', 'minutes', 'size'].map((name) => [name, Number])),
};

interface Known {
  whole: Map<string, string>;
  /** Texts with gaps, the most telling first. */
  forms: { id: string; form: RegExp; weight: number }[];
}
let known: Known | undefined;

/** Read once it is needed: who reads English does not pay for it. */
function phrases(): Known {
  if (known) return known;
  known = { whole: new Map(), forms: [] };
  for (const { id, value } of new FluentResource(spoken.english).body) {
    if (typeof value === 'string') known.whole.set(value, id);
    else if (Array.isArray(value)) {
      const parts = value.map((part) => (typeof part === 'string' ? escaped(part) : 'name' in part ? `(?<${part.name}>.+?)` : ''));
      const weight = value.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
      known.forms.push({ id, form: new RegExp(`^${parts.join('')}$`, 's'), weight });
    }
  }
  known.forms.sort((a, b) => b.weight - a.weight);
  return known;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** A phrase of the core. */
export function said(text: string): string {
  // The core speaks of its command line here; a window has a button for it, in every language.
  if (text.startsWith(HELD)) return t('said-held');
  return language() === 'en' ? text : (translated(text) ?? text);
}

/** The same in the language that is spoken; `undefined` where it is not listed. */
export function translated(text: string): string | undefined {
  const { whole, forms } = phrases();
  const id = whole.get(text);
  if (id) return t(id);
  for (const { id, form } of forms) {
    const gaps = form.exec(text)?.groups;
    if (gaps) return t(id, Object.fromEntries(Object.entries(gaps).map(([name, value]) => [name, GAPS[name]?.(value) ?? value])));
  }
  return undefined;
}
