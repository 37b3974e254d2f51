// Long work on long lists, a few milliseconds at a time: between two slices the window draws, and hears its person.

const SLICE = 6;
/** So many steps pass between two looks at the clock. */
const STRIDE = 256;

/** Runs steps until they are used up or the work is dropped. What fits into one slice is done on return. */
function run(steps: Generator<void, void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slice = () => {
    const end = performance.now() + SLICE;
    do {
      if (steps.next().done) return;
    } while (performance.now() < end);
    timer = setTimeout(slice);
  };
  slice();
  return () => clearTimeout(timer);
}

/** The rows that pass, in their order. Answers with what drops the work. */
export function sift<R>(rows: R[], passes: (row: R) => boolean, done: (found: R[]) => void): () => void {
  return run(
    (function* () {
      const found: R[] = [];
      for (let at = 0; at < rows.length; at += STRIDE) {
        for (const row of rows.slice(at, at + STRIDE)) if (passes(row)) found.push(row);
        yield;
      }
      done(found);
    })(),
  );
}

/** Whether every word occurs. */
export const contains = (text: string, words: string[]) => words.every((word) => text.includes(word));

interface Weighed<R> {
  row: R;
  value: string | number;
}

/** The rows in rising or falling order of a value; equal ones keep theirs. Answers with what drops the work. */
export function sort<R>(rows: R[], by: (row: R) => string | number, down: boolean, done: (sorted: R[]) => void): () => void {
  const way = down ? -1 : 1;
  const order = (a: Weighed<R>, b: Weighed<R>) => (a.value < b.value ? -way : a.value > b.value ? way : 0);
  return run(
    (function* () {
      let runs: Weighed<R>[][] = [];
      for (let at = 0; at < rows.length; at += STRIDE) {
        runs.push(rows.slice(at, at + STRIDE).map((row) => ({ row, value: by(row) })).sort(order));
        yield;
      }
      while (runs.length > 1) {
        const wider: Weighed<R>[][] = [];
        for (let at = 0; at < runs.length; at += 2) wider.push(yield* merge(runs[at] ?? [], runs[at + 1] ?? [], order));
        runs = wider;
      }
      done((runs[0] ?? []).map((each) => each.row));
    })(),
  );
}

function* merge<W>(left: W[], right: W[], order: (a: W, b: W) => number): Generator<void, W[]> {
  const merged: W[] = [];
  let [one, two] = [0, 0];
  while (one < left.length && two < right.length) {
    const [a, b] = [left[one] as W, right[two] as W];
    if (order(a, b) <= 0) {
      merged.push(a);
      one += 1;
    } else {
      merged.push(b);
      two += 1;
    }
    if (merged.length % STRIDE === 0) yield;
  }
  for (; one < left.length; one += 1) merged.push(left[one] as W);
  for (; two < right.length; two += 1) merged.push(right[two] as W);
  yield;
  return merged;
}
