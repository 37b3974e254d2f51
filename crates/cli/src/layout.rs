//! Text within the width of a terminal: wrapped between words, tables fitted column by column. What is written to a
//! file or a pipe keeps its lines as they are.

use std::io::IsTerminal;

/// Narrower than this nothing is fitted: it would only get worse.
const NARROWEST: usize = 40;

/// The width of a terminal, or nothing where it is none.
pub(crate) fn width_of(stream: &impl IsTerminal) -> Option<usize> {
    stream.is_terminal().then(|| columns().filter(|c| *c > 0).unwrap_or(80).max(NARROWEST))
}

/// The width of the terminal that any of the three streams is connected to.
#[cfg(unix)]
fn columns() -> Option<usize> {
    use rustix::termios::tcgetwinsize;
    let size = tcgetwinsize(std::io::stderr()).or_else(|_| tcgetwinsize(std::io::stdout())).ok()?;
    Some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}

/// Wraps every line that is too long; what follows is indented as its line begins, by `hang` more.
pub(crate) fn wrap(text: &str, width: usize, hang: usize) -> String {
    text.split('\n').map(|line| wrap_line(line, width, hang)).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, width: usize, hang: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let indent = (line.chars().take_while(|c| *c == ' ').count() + hang).min(width / 2);
    let mut out = String::new();
    let mut column = 0;
    for (i, word) in pieces(line).into_iter().enumerate() {
        let length = word.chars().count();
        if i > 0 && column + 1 + length > width && column > indent {
            // Spaces at the end of a line are of no use to anybody.
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word);
        column += length;
    }
    out
}

/// What a line may be broken between: words, but not within a 'quoted command', which is there to be copied.
fn pieces(line: &str) -> Vec<String> {
    let ends = |word: &str| word.trim_end_matches([',', '.', ':', ';', ')']).ends_with('\'');
    let words: Vec<&str> = line.split(' ').collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let opens = word.trim_start_matches('(').starts_with('\'');
        let further = words[at..].iter().take(8).position(|w| ends(w)).filter(|_| opens).unwrap_or(0);
        out.push(words[at..=at + further].join(" "));
        at += further + 1;
    }
    out
}

/// Rows under a heading, columns aligned; fitted into `width` by wrapping cells of the widest columns.
pub(crate) fn table(heads: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    if rows.is_empty() {
        return "(none)".to_owned();
    }
    let (heads, rows) =
        if width.is_some() { without_empty(heads, rows) } else { (heads.to_vec(), rows.to_vec()) };
    let natural = |i: usize| rows.iter().map(|r| length(&r[i])).chain([length(heads[i])]).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..heads.len()).map(natural).collect();
    if let Some(width) = width {
        let words =
            |i: usize| rows.iter().map(|r| longest_word(&r[i])).chain([length(heads[i])]).max().unwrap_or(0);
        fit(&mut widths, &(0..heads.len()).map(words).collect::<Vec<_>>(), width);
    }
    let mut out = Vec::new();
    out.push(line(&heads.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>(), &widths));
    out.extend(rows.iter().map(|row| line(row, &widths)));
    out.join("\n")
}

fn length(text: &str) -> usize {
    text.split('\n').map(|line| line.chars().count()).max().unwrap_or(0)
}

/// A column in which nothing stands only takes room from the others.
fn without_empty<'a>(heads: &[&'a str], rows: &[Vec<String>]) -> (Vec<&'a str>, Vec<Vec<String>>) {
    let kept: Vec<usize> = (0..heads.len()).filter(|i| rows.iter().any(|r| !r[*i].is_empty())).collect();
    let heads = kept.iter().map(|i| heads[*i]).collect();
    (heads, rows.iter().map(|r| kept.iter().map(|i| r[*i].clone()).collect()).collect())
}

pub(crate) fn longest_word(text: &str) -> usize {
    text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0)
}

/// Takes from the widest column until all fit: first only where no word is cut, then from whatever is wide.
fn fit(widths: &mut [usize], words: &[usize], width: usize) {
    let gaps = 2 * widths.len().saturating_sub(1);
    for least in [words, [10].repeat(words.len()).as_slice()] {
        while widths.iter().sum::<usize>() + gaps > width {
            let gives = widths.iter_mut().zip(least).filter(|(w, least)| **w > **least);
            let Some((widest, _)) = gives.max_by_key(|(w, _)| **w) else { break };
            *widest -= 1;
        }
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, width)| lines_of(cell, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let at = |n: usize| {
        let padded = cells.iter().zip(widths).map(|(lines, width)| {
            let text = lines.get(n).map_or("", String::as_str);
            format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    (0..height).map(at).collect::<Vec<_>>().join("\n")
}

/// A cell in lines of at most so many characters; only a word that is longer than that is cut.
fn lines_of(cell: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in wrap(cell, width, 0).split('\n') {
        let letters: Vec<char> = line.trim_start_matches(' ').chars().collect();
        if letters.is_empty() {
            out.push(String::new());
        }
        out.extend(letters.chunks(width.max(1)).map(|piece| piece.iter().collect::<String>()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_go_on_below_where_they_began() {
        let text = "  a sentence that is a good deal longer than its terminal";
        let wrapped = wrap(text, 24, 0);
        assert!(wrapped.lines().all(|l| l.chars().count() <= 24), "{wrapped}");
        assert!(wrapped.lines().all(|l| l.starts_with("  ")), "the indent is kept: {wrapped}");
        assert_eq!(
            wrapped.split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        assert_eq!(wrap("short", 24, 0), "short");
        let told = wrap("It is in force when another confirms it: 'change confirm 3f9c', today.", 50, 0);
        assert!(
            told.contains("'change confirm 3f9c',\n") || told.contains("'change confirm 3f9c', today"),
            "{told}"
        );
    }

    #[test]
    fn a_table_fits_its_terminal_and_loses_nothing() {
        let rows = vec![
            vec![
                "3f9c2k7a1b".to_owned(),
                "Oakbridge Analytics and Daughters".to_owned(),
                "waits for the first signature: Alice".to_owned(),
            ],
            vec!["77aa2k7a1b".to_owned(), "Ltd".to_owned(), String::new()],
        ];
        let text = table(&["REQUEST", "PARTNER", "STATE"], &rows, Some(50));
        assert!(text.lines().all(|l| l.chars().count() <= 50), "{text}");
        for word in rows.iter().flatten().flat_map(|c| c.split_whitespace()) {
            assert!(text.contains(word), "{word} is still there: {text}");
        }
        assert!(text.contains("3f9c2k7a1b"), "an id is never cut");
        assert_eq!(
            table(&["REQUEST", "PARTNER", "STATE"], &rows, None).lines().count(),
            3,
            "a pipe gets one line a row"
        );
        assert_eq!(table(&["A"], &[], Some(50)), "(none)");
    }

    #[test]
    fn a_word_longer_than_its_column_is_cut_not_lost() {
        let rows = vec![vec!["x".repeat(100)]];
        let text = table(&["DIGEST"], &rows, Some(40));
        assert_eq!(text.matches('x').count(), 100);
        assert!(text.lines().all(|l| l.len() <= 40), "{text}");
    }
}
