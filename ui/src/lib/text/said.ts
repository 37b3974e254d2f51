// Short phrases that the core says in English, in the reader's language. What is not listed is shown as it was said.
import { language, t } from './text.svelte';

const PHRASES: Record<string, string> = {
  'the first signature': 'said-first-signature',
  'the countersignature': 'said-countersignature',
  'the key to be issued': 'said-key-to-issue',
  "the partner's revision": 'said-revision',
  'nothing': 'said-nothing',
  'nobody here can give it': 'said-nobody',
  'confirm that it is stopped': 'said-confirm-stop',
  'revoke it for good': 'said-revoke',
  'finish or abandon making it': 'said-finish',
  'deliver the envelope': 'said-deliver',
  'wait for the receipt': 'said-wait-receipt',
  'switch it on': 'said-switch-on',
  'replace it with a vetted key': 'said-replace',
  'You hold the key. Once the organisation has your receipt, it works.': 'said-held-receipt',
  'Nothing. You took it back.': 'said-withdrawn',
  'The organisation said no. Read why; you may send a new request.': 'said-declined',
  'Read what the organisation asks for, and send a revision.': 'said-changes-asked',
  'The key does not work any more.': 'said-revoked',
  'Two people at the organisation look at it. They will call to compare your fingerprint.': 'said-sent',
  'The key ends in less than seven days.': 'said-ends-soon',
  '(erased)': 'said-erased',
  '(missing)': 'said-missing',
  '(unknown)': 'said-unknown',
};
const HELD = 'You hold the key. Give the receipt to the organisation, so that it begins to work';
const STOPS = /^(revocation|disabling) (?:confirmed \(([a-z-]+)\)|ordered \(([a-z-]+)\), not confirmed yet|failed (\d+) times, retrying: (.*))$/s;

/** A phrase of the core. */
export function said(text: string): string {
  // The core speaks of its command line here; a window has a button for it, in every language.
  if (text.startsWith(HELD)) return t('said-held');
  if (language() === 'en') return text;
  const stop = STOPS.exec(text);
  if (stop) {
    const what = t(`said-${stop[1]}`);
    if (stop[2]) return t('said-stop-confirmed', { what, reason: t(`reason-${stop[2]}`) });
    if (stop[3]) return t('said-stop-ordered', { what, reason: t(`reason-${stop[3]}`) });
    return t('said-stop-failed', { what, times: Number(stop[4]), why: stop[5] ?? '' });
  }
  const whole = PHRASES[text];
  if (whole) return t(whole);
  // "the first signature: Ben, Carol" and "the countersignature; nobody here can give it".
  const cut = text.search(/[:;] /);
  if (cut < 0) return text;
  const [first, rest] = [text.slice(0, cut), text.slice(cut + 2)];
  const phrase = PHRASES[first];
  if (!phrase) return text;
  return `${t(phrase)}${text[cut]} ${PHRASES[rest] ? t(PHRASES[rest]) : rest}`;
}
