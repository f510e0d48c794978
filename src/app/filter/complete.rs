//! What Tab makes of the beginning of a term: the name of a field, or a value that is known.

use super::field::{Field, names};
use std::sync::Arc;

/// Candidates that are looked at.
const MANY: usize = 1_000;

/// What the term can become, in the order of likelihood.
pub fn words(begun: &str, domains: &[Arc<str>]) -> Vec<String> {
    let (sign, term) = match begun.strip_prefix('-') {
        Some(term) => ("-", term),
        None => ("", begun),
    };
    let Some((name, value)) = term.split_once(':') else {
        if term.is_empty() {
            return Vec::new();
        }
        return names()
            .filter(|name| name.starts_with(term))
            .map(|name| format!("{sign}{name}:"))
            .collect();
    };
    let Some(field) = Field::of_name(name) else {
        return Vec::new();
    };
    let full = |word: &str| format!("{sign}{name}:{word}");
    let begins = |word: &&str| word.starts_with(value);
    match (field, field.words()) {
        (Field::Domain, _) => domains
            .iter()
            .take(MANY)
            .map(|domain| &**domain)
            .filter(begins)
            .filter_map(|domain| super::read::written(field, domain))
            .map(|term| format!("{sign}{term}"))
            .collect(),
        (_, Some(words)) => words.into_iter().filter(begins).map(full).collect(),
        _ => Vec::new(),
    }
}

/// What all of the words begin with; with one word, the word and a blank where it is a value.
pub fn common(words: &[String]) -> Option<String> {
    let (first, rest) = words.split_first()?;
    if rest.is_empty() {
        let blank = if first.ends_with(':') { "" } else { " " };
        return Some(format!("{first}{blank}"));
    }
    let mut common = first.as_str();
    for word in rest {
        let same = common
            .char_indices()
            .zip(word.chars())
            .find(|((_, a), b)| a != b)
            .map_or(common.len().min(word.len()), |((at, _), _)| at);
        common = common.get(..same).unwrap_or_default();
    }
    Some(common.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_completed_as_far_as_it_is_known() {
        let domains: Vec<Arc<str>> = ["yahoo.com", "yahoo.de", "aol.com", "a b"]
            .map(Arc::from)
            .into();
        for (begun, done) in [
            ("dom", Some("domain:")),
            ("-dom", Some("-domain:")),
            ("domain:ya", Some("domain:yahoo.")),
            ("-domain:ao", Some("-domain:aol.com ")),
            ("domain:a b", Some("domain:=\"a b\" ")),
            ("queue:d", Some("queue:deferred ")),
            ("class:rat", Some("class:rate-limited ")),
            ("si", Some("size:")),
            ("p", Some("pro")),
            ("x:y", None),
            ("", None),
            ("reason:a", None),
        ] {
            assert_eq!(common(&words(begun, &domains)).as_deref(), done, "{begun}");
        }
    }
}
