// Texts: Fluent files, two languages, one voice.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';

const bundle = (language: string, source: string) => {
  const made = new FluentBundle(language, { useIsolating: false });
  made.addResource(new FluentResource(source));
  return made;
};

/** What the core says in English, by which German texts for it are found. It needs no English text. */
export const phrases = { english: '' };

// A language is fetched when it is spoken: the other one costs nothing at the start.
const sources = {
  en: async () => (await import('./en.ftl?raw')).default,
  de: async () => {
    const [de, said, english] = await Promise.all([import('./de.ftl?raw'), import('./said.de.ftl?raw'), import('./said.en.ftl?raw')]);
    phrases.english = english.default;
    return `${de.default}\n${said.default}`;
  },
};
type Language = keyof typeof sources;

const fetched: Partial<Record<Language, Promise<FluentBundle>>> = {};
const fetch = (language: Language) => (fetched[language] ??= sources[language]().then((source) => bundle(language, source)));

let texts: FluentBundle | undefined;
const spoken: { language: Language } = $state({ language: 'en' });
let wanted: Language = 'en';

export const language = () => spoken.language;

/** What is on the page changes once the language is there. */
export async function speak(wish: string) {
  const language: Language = wish.toLowerCase().startsWith('de') ? 'de' : 'en';
  wanted = language;
  const found = await fetch(language);
  // Somebody may have wished for another one meanwhile.
  if (wanted !== language) return;
  texts = found;
  spoken.language = language;
  document.documentElement.lang = language;
}

/** The text of a message; what is missing shows its id, so that a test can see it. */
export function t(id: string, values?: Record<string, FluentVariable>): string {
  // Read, so that what is shown is shown anew in another language.
  void spoken.language;
  const message = texts?.getMessage(id);
  return texts && message?.value ? texts.formatPattern(message.value, values ?? null) : id;
}

/** The text of a code from the core, or what the core says in English where there is none. */
export function coded(prefix: string, code: string, otherwise: string): string {
  const id = `${prefix}-${code}`;
  void spoken.language;
  return texts?.hasMessage(id) ? t(id) : otherwise;
}
