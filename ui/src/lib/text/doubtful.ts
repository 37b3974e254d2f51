// Letters in texts from outside that a reader could take for others. They are marked, never hidden.

/** A piece of a text: as it is, or with what is doubtful about it. */
export interface Piece {
  text: string;
  /** Code points to name, such as U+0430. */
  doubt?: string;
}

const PLAIN = /^[\n\x20-\x7e\xa1-\xac\xae-\u024f]*$/;
// What has no shape of its own, or turns the reading direction. The core refuses it; should it ever pass, it is named.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]/u;
const LATIN = /\p{Script=Latin}/u;
const OTHER = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}]/u;
// Letters of other scripts that look like Latin ones. A word of nothing else was made to be misread.
const TWINS = /^[АВСЕНІЈКМОРЅТХУаԁеһіјӏорԛѕцԝхуγνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧԜԌԍҮгѵыь]+$/u;
const WORDS = /[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+/gu;

const code = (letter: string) => `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
const named = (letters: string[]) => [...new Set(letters.map(code))].join(' ');

/** The pieces of a text, in order. */
export function pieces(text: string): Piece[] {
  if (PLAIN.test(text)) return [{ text }];
  const found: Piece[] = [];
  const plain = (more: string) => {
    const last = found.at(-1);
    if (last && !last.doubt) last.text += more;
    else found.push({ text: more });
  };
  for (const [word] of text.matchAll(WORDS)) {
    const letters = [...word];
    const others = letters.filter((letter) => OTHER.test(letter));
    // Bold, wide and circled letters are drawings of plain ones.
    const drawn = letters.filter((letter) => /^[\x21-\x7e]$/.test(letter.normalize('NFKC')) && letter > '\x7e');
    const stacked = /\p{M}{3,}/u.test(word);
    if ((others.length > 0 && letters.some((letter) => LATIN.test(letter))) || (others.length === letters.length && TWINS.test(word))) {
      found.push({ text: word, doubt: named(others) });
    } else if (drawn.length > 0) found.push({ text: word, doubt: named(drawn) });
    else if (stacked) found.push({ text: word, doubt: named(letters.filter((letter) => /\p{M}/u.test(letter))) });
    else {
      for (const letter of letters) {
        if (letter !== '\n' && UNSEEN.test(letter)) found.push({ text: '\ufffd', doubt: code(letter) });
        else plain(letter);
      }
    }
  }
  return found;
}
