// Times: relative, with the exact local time beside it.
import { language } from './text.svelte';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export function relative(seconds: number, now = Date.now() / 1000): string {
  const away = seconds - now;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: 'auto', style: 'short' });
  for (const [unit, length] of UNITS) {
    if (Math.abs(away) >= length) return format.format(Math.trunc(away / length), unit);
  }
  return format.format(0, 'minute');
}

export function exact(seconds: number): string {
  return new Intl.DateTimeFormat(language(), {
    dateStyle: 'medium',
    timeStyle: 'long',
  }).format(new Date(seconds * 1000));
}

export const daysLeft = (seconds: number, now = Date.now() / 1000) => Math.floor((seconds - now) / 86_400);
