//! Needles find what a plain reading would.

use super::*;
use proptest::prelude::*;

/// Which lines hold one of the words, and where they begin, found the slow way.
fn plainly(text: &str, words: &[String], any_case: bool) -> Vec<(usize, String)> {
    let fold = |text: &str| {
        if any_case {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        }
    };
    let holds = |line: &str| {
        let line = fold(line);
        words.iter().any(|word| {
            let word = fold(word);
            let is_word = word.bytes().all(|byte| byte.is_ascii_alphanumeric());
            line.match_indices(&word).any(|(at, _)| {
                let outside =
                    |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
                let bytes = line.as_bytes();
                !is_word
                    || outside(at.checked_sub(1).map(|before| &bytes[before]))
                        && outside(bytes.get(at + word.len()))
            })
        })
    };
    // Overlapping matches are found by match_indices only where the word does not overlap itself: words here are tried one by one.
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        if holds(bare) {
            lines.push((at, bare.to_owned()));
        }
        at += line.len();
    }
    lines
}

fn given(needles: &Needles, text: &str) -> Vec<(usize, String)> {
    let mut given = Vec::new();
    needles.lines(text.as_bytes(), |at, line| {
        given.push((at, String::from_utf8_lossy(line).into_owned()));
    });
    given
}

/// Texts in which the needles and what is nearly one of them are frequent.
fn log_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "4AB4AC",
        "4AB4ACD",
        "4ab4ac",
        "AB4AC1",
        "1@x.EXAMPLE",
        "1@x.example",
        "@x.ex",
        " ",
        "\n",
        ": ",
        "x",
        "4",
        "4A",
        "queued as 4AB4AC",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_few_as_they_are(text in log_text(), count in 1usize..5) {
        let words: Vec<String> = ["4AB4AC", "1@x.example", "4AB4ACD", "AB4AC1"][..count].iter().map(|word| (*word).to_owned()).collect();
        let needles = Needles::words(&words).unwrap();
        prop_assert_eq!(given(&needles, &text), plainly(&text, &words, false));
    }

    #[test]
    fn in_either_case(text in log_text(), which in 0usize..3, sample in log_text()) {
        let word = ["1@X.example", "4Ab4aC", "4a"][which];
        let needles = Needles::any_case(word, sample.as_bytes()).unwrap();
        prop_assert_eq!(given(&needles, &text), plainly(&text, &[word.to_owned()], true));
    }

    /// More needles than are looked for one after the other.
    #[test]
    fn many_at_once(text in log_text(), more in prop::collection::vec("[4ABC]{6,8}", 9..20)) {
        let mut words = more;
        words.extend(["4AB4AC".to_owned(), "1@x.example".to_owned(), "4AB4ACD".to_owned(), "AB4AC1".to_owned()]);
        let needles = Needles::words(&words).unwrap();
        prop_assert_eq!(given(&needles, &text), plainly(&text, &words, false));
    }

    /// Needles of which one is too short for the fast way are found all the same.
    #[test]
    fn short_ones_among_long_ones(text in log_text()) {
        let mut words = vec!["4AB4AC".to_owned(), "1@x".to_owned(), "4A".to_owned()];
        words.extend((0..8).map(|n| format!("none{n}")));
        let needles = Needles::words(&words).unwrap();
        prop_assert_eq!(given(&needles, &text), plainly(&text, &words, false));
    }

    #[test]
    fn many_needles(text in "[0-2]{0,200}", words in prop::collection::vec("[0-2]{6,9}", 2..30)) {
        let many = many::Many::new(&words).unwrap();
        let first = (0..text.len()).find(|at| words.iter().any(|word| text[*at..].starts_with(word.as_str())));
        let found = many.find(text.as_bytes(), |_, _, _| true);
        prop_assert_eq!(found.map(|(begin, _)| begin), first);
        if let Some((begin, end)) = found {
            prop_assert!(words.iter().any(|word| *word == text[begin..end]));
        }
    }
}

#[test]
fn nothing_is_no_needle() {
    assert!(Needles::words::<&str>(&[]).is_none());
    assert!(Needles::words(&[""]).is_none());
    assert!(Needles::any_case("", b"").is_none());
}
