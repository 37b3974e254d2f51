// Texts: Fluent files, two languages, one voice.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';

import de from './de.ftl?raw';
import en from './en.ftl?raw';
import said from './said.de.ftl?raw';

const bundle = (language: string, source: string) => {
  const made = new FluentBundle(language, { useIsolating: false });
  made.addResource(new FluentResource(source));
  return made;
};

// What the core says in English needs no English text.
const sources = { en, de: `${de}\n${said}` };
type Language = keyof typeof sources;

// A file is read when it is spoken: the other language costs nothing at the start.
const read: Partial<Record<Language, FluentBundle>> = {};
const texts = (language: Language) => (read[language] ??= bundle(language, sources[language]));

const spoken: { language: Language } = $state({ language: 'en' });

export const language = () => spoken.language;

export function speak(wish: string) {
  spoken.language = wish.toLowerCase().startsWith('de') ? 'de' : 'en';
  document.documentElement.lang = spoken.language;
}

/** The text of a message; what is missing shows its id, so that a test can see it. */
export function t(id: string, values?: Record<string, FluentVariable>): string {
  const language = texts(spoken.language).hasMessage(id) ? spoken.language : 'en';
  const message = texts(language).getMessage(id);
  return message?.value ? texts(language).formatPattern(message.value, values ?? null) : id;
}

/** The text of a code from the core, or what the core says in English where there is none. */
export function coded(prefix: string, code: string, otherwise: string): string {
  const id = `${prefix}-${code}`;
  return texts(spoken.language).hasMessage(id) ? t(id) : otherwise;
}
