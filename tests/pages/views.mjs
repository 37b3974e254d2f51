// In which views a screen is looked at: all of them in a soak, otherwise a draw that meets both languages' worth of sizes
// over the screens, and on every screen light and dark, 100 % and 200 %.

const SIZES = [[1000, 700], [1280, 800], [1920, 1080]];
const LANGUAGES = ['en', 'de'];
const THEMES = ['light', 'dark'];
// For whoever needs more contrast: looked at on every screen, in one view of the sample.
const CONTRAST = 'contrast';
const ZOOMS = [100, 200];

export const soak = process.env.COUNTERSIGN_SOAK !== undefined;
export const seed = Number(process.env.COUNTERSIGN_SEED ?? 20_260_101);

/** Numbers from a seed (mulberry32): the same seed is the same run. */
export function numbers(from) {
  let state = from >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const draw = numbers(seed);
const one = (of) => of[draw(of.length)];

/** The views of one screen, and whether axe judges each. */
export function views() {
  const all = LANGUAGES.flatMap((language) => ZOOMS.flatMap((zoom) => [...THEMES, CONTRAST].flatMap((theme) => SIZES.map((size) => ({ language, zoom, theme, size, judged: true })))));
  if (soak) return all;
  // Half of the four is judged by axe, so that a light and a dark one, a small and a large one are.
  const turn = draw(2);
  const drawn = ZOOMS.flatMap((zoom, row) => THEMES.map((theme, column) => ({ language: one(LANGUAGES), zoom, theme, size: one(SIZES), judged: (row + column) % 2 === turn })));
  return [...drawn, { language: one(LANGUAGES), zoom: one(ZOOMS), theme: CONTRAST, size: one(SIZES), judged: true }];
}
