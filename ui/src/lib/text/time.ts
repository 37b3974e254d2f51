// Times: relative, with the exact local time beside it.
import { language } from './text.svelte';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

// A formatter is dear to make and cheap to use: a list would otherwise make two for every row it draws.
const made = new Map<string, { relative: Intl.RelativeTimeFormat; exact: Intl.DateTimeFormat }>();

function formats(language: string) {
  const known = made.get(language);
  if (known) return known;
  const fresh = {
    relative: new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'long' }),
    exact: new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'medium', timeStyle: 'long' }),
  };
  made.set(language, fresh);
  return fresh;
}

const HOUR = 3600;

export function relative(seconds: number, now = Date.now() / 1000): string {
  const away = seconds - now;
  const format = formats(language()).relative;
  for (const [unit, length] of UNITS) {
    // Ends are counted in days for as long as people plan by them: "next month" is no answer.
    if (unit === 'month' && away > 0 && away < 120 * 86_400) continue;
    // What was given for sixty days just now still has sixty.
    const spare = unit === 'day' && away > 0 ? HOUR : 0;
    if (Math.abs(away) + spare >= length) return format.format(Math.trunc((away + spare) / length), unit);
  }
  return format.format(0, 'minute');
}

export const exact = (seconds: number): string => formats(language()).exact.format(new Date(seconds * 1000));

export const daysLeft = (seconds: number, now = Date.now() / 1000) => Math.floor((seconds - now) / 86_400);
