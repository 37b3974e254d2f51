// Texts: Fluent files, two languages, one voice.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';

import de from './de.ftl?raw';
import en from './en.ftl?raw';

const bundle = (language: string, source: string) => {
  const made = new FluentBundle(language, { useIsolating: false });
  made.addResource(new FluentResource(source));
  return made;
};

const bundles = { en: bundle('en', en), de: bundle('de', de) };
const spoken: { language: 'en' | 'de' } = $state({ language: 'en' });

export const language = () => spoken.language;

export function speak(wish: string) {
  spoken.language = wish.toLowerCase().startsWith('de') ? 'de' : 'en';
  document.documentElement.lang = spoken.language;
}

/** The text of a message; what is missing shows its id, so that a test can see it. */
export function t(id: string, values?: Record<string, FluentVariable>): string {
  const message = bundles[spoken.language].getMessage(id) ?? bundles.en.getMessage(id);
  if (!message?.value) return id;
  const language = bundles[spoken.language].hasMessage(id) ? spoken.language : 'en';
  return bundles[language].formatPattern(message.value, values ?? null);
}

/** The text of a code from the core, or what the core says in English where there is none. */
export function coded(prefix: string, code: string, otherwise: string): string {
  const id = `${prefix}-${code}`;
  return bundles[spoken.language].hasMessage(id) ? t(id) : otherwise;
}
