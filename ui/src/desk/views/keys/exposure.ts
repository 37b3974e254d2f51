// Who could do what: live keys by partner, and by service and environment, with the widest class of what they may do.
import type { KeyView } from '$lib/contract';
import { written } from './query';

/** From the least to the most. Of a key from before nobody knows what it may do: more than is known to be little. */
export const CLASSES = ['read', 'write', 'unknown', 'admin'] as const;
export type Class = (typeof CLASSES)[number];

export interface Cell {
  count: number;
  widest: Class;
}
export interface Place {
  id: string;
  service: string;
  environment: string;
}
export interface Row {
  id: string;
  name: string;
  /** Every company name under which this identity asked. */
  names: string[];
  /** Its name alone does not find its keys: another partner has the same one, or it has several. */
  doubled: boolean;
  count: number;
  widest: Class;
  cells: Map<string, Cell>;
}

const rank = (each: Class) => CLASSES.indexOf(each);
const wider = (a: Class, b: Class) => (rank(a) >= rank(b) ? a : b);
const classOf = (key: KeyView): Class => CLASSES.find((each) => each === key.class) ?? 'unknown';

export function exposure(keys: KeyView[]): { places: Place[]; rows: Row[] } {
  const places = new Map<string, Place>();
  const rows = new Map<string, Row>();
  for (const key of keys) {
    const [id, place, widest] = [key.holder_id || key.holder, `${key.service} / ${key.environment}`, classOf(key)];
    let row = rows.get(id);
    if (!row) rows.set(id, (row = { id, name: key.holder, names: [], doubled: false, count: 0, widest, cells: new Map() }));
    if (!row.names.includes(key.holder)) row.names.push(key.holder);
    row.count += 1;
    row.widest = wider(row.widest, widest);
    const cell = row.cells.get(place);
    if (cell) {
      cell.count += 1;
      cell.widest = wider(cell.widest, widest);
    } else {
      row.cells.set(place, { count: 1, widest });
    }
    if (!places.has(place)) places.set(place, { id: place, service: key.service, environment: key.environment });
  }
  // One other name says that there are several; all of them stand with the partner.
  for (const row of rows.values()) row.name = row.names.slice(0, 2).join(' / ') + (row.names.length > 2 ? ' …' : '');
  const named = new Map<string, number>();
  for (const row of rows.values()) named.set(row.name, (named.get(row.name) ?? 0) + 1);
  for (const row of rows.values()) row.doubled = row.names.length > 1 || (named.get(row.name) ?? 0) > 1;
  return {
    places: [...places.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    // Whoever could do most stands first; among those, who holds most.
    rows: [...rows.values()].sort((a, b) => rank(b.widest) - rank(a.widest) || b.count - a.count || (a.name < b.name ? -1 : 1)),
  };
}

/** The beginning of a digest tells partners of one name apart. */
export const mark = (row: Row) => (row.doubled ? row.id.slice(0, 10) : '');
const partner = (row: Row) => written('partner', row.doubled ? mark(row) : row.name);
const place = ({ service, environment }: Place) => `${written('service', service)} ${written('env', environment)}`;

/** The query that leaves exactly the keys behind a row, a column, or the cell where they meet. */
export const behind = (row: Row | null, column: Place | null) =>
  [row && partner(row), column && place(column)].filter(Boolean).join(' ');
