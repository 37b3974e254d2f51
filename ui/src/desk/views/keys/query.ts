// Which keys, as a text that people write and read: terms such as `service:shipments`, and free words. All must hold.
import type { KeyView } from '$lib/contract';
import { daysLeft } from '$lib/text/time';
import { QUEUES, live, shownState, type Queue } from './state';

const FIELDS = ['partner', 'service', 'env', 'scope', 'class', 'state', 'is', 'ends'] as const;
export type Field = (typeof FIELDS)[number];
/** Whoever reads German may write German; what the menus write is read everywhere. */
const ALSO: Record<string, Field> = { dienst: 'service', umgebung: 'env', darf: 'class', stand: 'state', liste: 'is', endet: 'ends' };

export interface Term {
  /** Exactly as it stands in the query. */
  text: string;
  field: Field | 'word';
  /** In lower case, without quotes. */
  value: string;
  /** Which keys pass; none where the term says nothing. */
  passes: ((key: KeyView) => boolean) | null;
}

/** Runs of what is no space, and of whatever stands in quotes. */
const TERMS = /(?:"[^"]*"?|[^\s"])+/g;
const ENDS = /^(<|<=|>|>=)(\d{1,5})d$/;

export const terms = (query: string): Term[] => (query.match(TERMS) ?? []).map(term);

function term(text: string): Term {
  const cut = text.indexOf(':');
  const name = text.slice(0, cut).toLowerCase();
  const field = FIELDS.find((each) => each === name) ?? ALSO[name];
  const value = text.slice(field ? cut + 1 : 0).replaceAll('"', '').toLowerCase();
  return { text, field: field ?? 'word', value, passes: field ? meaning(field, value) : (key) => hay(key).includes(value) };
}

/** What a term asks of a key. A term that is being written, or cannot be understood, asks nothing. */
function meaning(field: Field, value: string): Term['passes'] {
  if (value === '') return null;
  switch (field) {
    case 'partner':
      // The beginning of its digest tells one of two partners with the same name.
      return (key) => key.holder.toLowerCase().includes(value) || (value.length >= 8 && key.holder_id.startsWith(value));
    case 'service':
      return (key) => key.service === value;
    case 'env':
      return (key) => key.environment === value;
    case 'scope':
      return (key) => key.scopes.some((scope) => scope.includes(value));
    case 'class':
      return (key) => key.class === value;
    case 'state':
      return (key) => shownState(key) === value;
    case 'is':
      return value in QUEUES ? QUEUES[value as Queue] : null;
    case 'ends':
      return ends(value);
  }
}

function ends(value: string): Term['passes'] {
  if (value === 'never') return (key) => key.not_after === null;
  const [, sign, number] = ENDS.exec(value) ?? [];
  if (!sign || !number) return null;
  const days = Number(number);
  const holds: Record<string, (left: number) => boolean> = {
    '<': (left) => left < days,
    '<=': (left) => left <= days,
    '>': (left) => left > days,
    '>=': (left) => left >= days,
  };
  const compare = holds[sign];
  return (key) => live(key) && key.not_after !== null && !!compare?.(daysLeft(key.not_after));
}

const hay = (key: KeyView) =>
  `${key.id} ${key.holder} ${key.service} ${key.environment} ${key.scopes.join(' ')} ${key.state} ${key.legacy ? 'legacy' : ''}`.toLowerCase();

/** Whether a key is one that the query asks for; none where it asks for nothing. */
export function asks(query: string): ((key: KeyView) => boolean) | null {
  const all = terms(query);
  const words = all.filter((each) => each.field === 'word').map((each) => each.value);
  const others = all.flatMap((each) => (each.field !== 'word' && each.passes ? [each.passes] : []));
  if (words.length + others.length === 0) return null;
  return (key) => {
    if (!others.every((passes) => passes(key))) return false;
    // One text for all words: it is dear to put together.
    const text = words.length > 0 ? hay(key) : '';
    return words.every((word) => text.includes(word));
  };
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const joined = (parts: string[]) => parts.join(' ');

/** A term, with quotes where its value has spaces. */
export const written = (field: Field, value: string) => `${field}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value}`;
export const has = (query: string, text: string) => terms(query).some((each) => same(each.text, text));
export const without = (query: string, text: string) =>
  joined(terms(query).filter((each) => !same(each.text, text)).map((each) => each.text));
export const withTerm = (query: string, text: string) => joined([...terms(without(query, text)).map((each) => each.text), text]);
export const toggled = (query: string, text: string) => (has(query, text) ? without(query, text) : withTerm(query, text));
