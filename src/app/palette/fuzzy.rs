//! How well a name fits what was typed: its letters in order, better where they begin words and stand together.

/// The score of a text; `None` when the letters are not all there in order. Better is more.
pub(super) fn score(typed: &str, text: &str) -> Option<i32> {
    let typed: Vec<char> = typed.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let first = typed.first()?;
    // The letters may begin at several places: the best of them counts.
    (0..text.len())
        .filter(|at| text.get(*at) == Some(first))
        .filter_map(|start| from(&typed, &text, start))
        .max()
}

fn from(typed: &[char], text: &[char], start: usize) -> Option<i32> {
    const WORD: i32 = 8;
    const TOGETHER: i32 = 5;
    let begins = |at: usize| at == 0 || text.get(at - 1).is_some_and(|c| !c.is_alphanumeric());
    let (mut at, mut score, mut last) = (start, 0, None);
    for letter in typed {
        let rest = text.get(at..)?;
        let found = at + rest.iter().position(|c| c == letter)?;
        score += 1;
        if begins(found) {
            score += WORD;
        }
        if last.is_some_and(|last| last + 1 == found) {
            score += TOGETHER;
        }
        last = Some(found);
        at = found + 1;
    }
    if start == 0 {
        score += WORD;
    }
    // Of two that fit alike the shorter one is meant.
    Some(score * 16 - (text.len() as i32).min(64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_fit_has_the_higher_score() {
        let best = |typed: &str, names: [&'static str; 2]| {
            let [a, b] = names.map(|name| score(typed, name));
            assert!(a > b, "{typed}: {names:?} {a:?} {b:?}");
        };
        best("hold", ["hold", "threshold"]);
        best("fa", ["flush-all", "first-of-all-that-fa-lls"]);
        best("pd", ["page-down", "upload"]);
        best("sort", ["sort", "sort-before"]);
        best("rel", ["release", "relative-long-name"]);
        assert_eq!(score("xyz", "hold"), None);
        assert_eq!(score("dloh", "hold"), None);
        assert_eq!(score("", "hold"), None);
    }
}
