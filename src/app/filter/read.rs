//! Text to terms, and a field with a value back to the text of a term.
//!
//! A term ends at the next blank outside of quotes and slashes. Inside quotes every letter means itself, so `"*"` is a star; `\"` is a
//! quote and `\\` a backslash. A `=` before a value takes it letter for letter and whole, as a facet is taken from the screen.

use super::compare::{Network, comparison};
use super::error::FilterError;
use super::field::{Field, names, nearest};
use super::pattern::{self, Pattern, Piece};
use std::ops::Range;

/// One term of a filter.
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// Where it stands in the filter's text.
    pub(super) place: Range<usize>,
    pub(super) negated: bool,
    pub(super) field: Field,
    pub(super) test: Test,
    /// What it says, when that is one value and no pattern: two terms that say the same are the same facet.
    pub(super) says: Option<Box<str>>,
}

/// How a term looks at its field.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Text(Pattern),
    Network(Network),
    Number(super::compare::Order, i64),
}

/// Reads all terms.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, FilterError> {
    let mut terms = Vec::new();
    let mut at = 0;
    while let Some(start) = text
        .get(at..)
        .and_then(|rest| rest.find(|c: char| !c.is_ascii_whitespace()))
    {
        let place = end_of_term(text, at + start)?;
        at = place.end;
        terms.push(term(text, place)?);
    }
    Ok(terms)
}

/// Where the term that begins at `start` ends.
fn end_of_term(text: &str, start: usize) -> Result<Range<usize>, FilterError> {
    let mut open: Option<(char, usize)> = None;
    let mut escaped = false;
    let body = start + usize::from(text.get(start..).is_some_and(|rest| rest.starts_with('-')));
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < start) {
        match open {
            _ if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some((closing, _)) => {
                if c == closing {
                    open = None;
                }
            }
            None if c.is_ascii_whitespace() => return Ok(start..at),
            None if c == '"' => open = Some((c, at)),
            // A slash within a word is a slash: 192.0.2.0/24.
            None if c == '/' && begins_value(text, body, at) => open = Some((c, at)),
            None => {}
        }
    }
    match open {
        None => Ok(start..text.len()),
        Some((closing, at)) => {
            let why = if closing == '"' {
                "this quote has no end: reason:\"mailbox full\""
            } else {
                "this /regex/ has no end; a path needs quotes: \"/var/spool\""
            };
            Err(FilterError::unfinished(at..text.len(), why, closing))
        }
    }
}

/// Whether a value begins here: at the term's start or after its field's colon.
fn begins_value(text: &str, body: usize, at: usize) -> bool {
    let before = text.get(body..at).unwrap_or_default();
    before.is_empty() || before.strip_suffix(':').is_some_and(is_key)
}

/// Whether this could be a field's name. `2001:db8::1` has none.
fn is_key(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn term(text: &str, place: Range<usize>) -> Result<Term, FilterError> {
    let whole = text.get(place.clone()).unwrap_or_default();
    let (negated, word) = match whole.strip_prefix('-') {
        Some("") => {
            let why = "a - excludes the term that follows it: -domain:aol.com";
            return Err(FilterError::new(place, why));
        }
        Some(rest) => (true, rest),
        None => (false, whole),
    };
    let start = place.end - word.len();
    let value = match word.split_once(':').filter(|(key, _)| is_key(key)) {
        None => Value {
            field: Field::Anywhere,
            name: "",
            text: word,
            at: start,
        },
        Some((key, text)) => Value {
            field: Field::of_name(key).ok_or_else(|| unknown(key, start))?,
            name: key,
            text,
            at: start + key.len() + 1,
        },
    };
    let (test, says) = value.read()?;
    Ok(Term {
        place,
        negated,
        field: value.field,
        test,
        says: says.map(String::into_boxed_str),
    })
}

fn unknown(key: &str, start: usize) -> FilterError {
    let help = match nearest(key, names()) {
        Some(name) => format!("did you mean {name}:?"),
        None => {
            let all: Vec<String> = Field::all()
                .map(|field| format!("{}:", field.name()))
                .collect();
            format!(
                "there are {}; quotes search for the letters themselves: \"{key}:…\"",
                all.join(" ")
            )
        }
    };
    FilterError::new(start..start + key.len(), format!("no field {key}: {help}"))
}

/// What stands after the colon.
struct Value<'a> {
    field: Field,
    /// The field's name as it was written.
    name: &'a str,
    text: &'a str,
    /// Where it begins in the filter's text.
    at: usize,
}

impl Value<'_> {
    fn place(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    fn error(&self, wants: &str) -> FilterError {
        let (name, example) = (self.name, self.field.example());
        let why = format!("{name}: wants {wants}, such as {name}:{example}");
        FilterError::new(self.place(), why)
    }

    fn read(&self) -> Result<(Test, Option<String>), FilterError> {
        let text = self.text;
        if self.field.is_number() {
            return comparison(self.field, text)
                .map(|(order, bound)| (Test::Number(order, bound), Some(text.to_owned())))
                .ok_or_else(|| self.error("a comparison"));
        }
        if let Some(source) = text.strip_prefix('/') {
            return self.regex(source);
        }
        let named = self.field != Field::Anywhere;
        if let Some(exact) = text.strip_prefix('=').filter(|_| named) {
            if exact.is_empty() {
                return Err(self.error("a value"));
            }
            // Stars and question marks are letters here.
            let exact: String = pieces(exact)
                .iter()
                .map(|piece| match piece {
                    Piece::Char(c) => *c,
                    Piece::Any => '*',
                    Piece::One => '?',
                })
                .collect();
            let pattern = Pattern::Exact(exact.as_str().into());
            return Ok((Test::Text(pattern), Some(exact)));
        }
        let mut pieces = pieces(text);
        if pieces.is_empty() {
            return Err(if named {
                self.error("a pattern")
            } else {
                FilterError::new(self.place(), "nothing stands between the quotes")
            });
        }
        if self.field == Field::Domain {
            // Domains are kept in lower case, and have no other.
            pieces = pieces.into_iter().flat_map(lower).collect();
        }
        let says = pattern::literal(&pieces);
        if let Some(network) = self.check(&pieces, says.as_deref())? {
            return Ok((Test::Network(network), says));
        }
        let pattern = pattern::glob(&pieces, self.field.is_whole())
            .map_err(|why| FilterError::new(self.place(), why))?;
        Ok((Test::Text(pattern), says))
    }

    fn regex(&self, source: &str) -> Result<(Test, Option<String>), FilterError> {
        let end = closing_slash(source).unwrap_or(source.len());
        let pattern = source.get(..end).unwrap_or_default();
        if end + 1 < source.len() {
            let place = self.at + 2 + end..self.place().end;
            let why = "a /regex/ ends here: write \\/ for a slash in it, or quotes for a path: \"/var/spool\"";
            return Err(FilterError::new(place, why));
        }
        if pattern.is_empty() {
            let why =
                "an empty regular expression: write one between the slashes, such as /yahoo|aol/";
            return Err(FilterError::new(self.place(), why));
        }
        pattern::regex(pattern)
            .map(|pattern| (Test::Text(pattern), None))
            .map_err(|(place, why)| {
                let at = self.at + 1;
                let why = format!("/{pattern}/ is no regular expression: {why}");
                FilterError::new(at + place.start..at + place.end, why)
            })
    }

    /// Refuses what can never be found; a network instead of a pattern where the field is of addresses.
    fn check(&self, pieces: &[Piece], says: Option<&str>) -> Result<Option<Network>, FilterError> {
        let only = |letters: fn(char) -> bool| {
            pieces
                .iter()
                .all(|piece| !matches!(piece, Piece::Char(c) if !letters(*c)))
        };
        match self.field {
            Field::Ip => {
                if let Some(network) = says.and_then(Network::new) {
                    return Ok(Some(network));
                }
                let unknown = says.is_some_and(|text| matches!(text, "unknown" | "local"));
                if !unknown && !only(|c| c.is_ascii_hexdigit() || matches!(c, '.' | ':')) {
                    return Err(self.error("an address, a network or a glob of one"));
                }
            }
            Field::Code if !only(|c| c.is_ascii_digit() || c == '.') => {
                return Err(self.error("a reply code or an enhanced status code with * and ?"));
            }
            _ => {}
        }
        if let Some(words) = self.field.words() {
            let pattern =
                pattern::glob(pieces, true).map_err(|why| FilterError::new(self.place(), why))?;
            if !words.iter().any(|word| pattern.is_match(word)) {
                let name = self.name;
                let help = match nearest(self.text, words.iter().copied()) {
                    Some(word) => format!("did you mean {name}:{word}?"),
                    None => format!("there are {}", words.join(" ")),
                };
                let why = format!("no {} {}: {help}", self.field.name(), self.text);
                return Err(FilterError::new(self.place(), why));
            }
        }
        Ok(None)
    }
}

/// The first slash that no backslash stands before.
fn closing_slash(source: &str) -> Option<usize> {
    let mut escaped = false;
    source.char_indices().find_map(|(at, c)| {
        let closes = c == '/' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn lower(piece: Piece) -> Vec<Piece> {
    match piece {
        Piece::Char(c) => c.to_lowercase().map(Piece::Char).collect(),
        other => vec![other],
    }
}

/// The pieces of a glob with quotes.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '"' => {
                quoted = !quoted;
                continue;
            }
            '\\' if quoted => Piece::Char(chars.next_if(|c| matches!(c, '"' | '\\')).unwrap_or(c)),
            '*' if !quoted => Piece::Any,
            '?' if !quoted => Piece::One,
            c => Piece::Char(c),
        });
    }
    pieces
}

/// The term that holds for this value of the field and no other. `None` where there is none: a number that is no comparison.
pub(super) fn written(field: Field, value: &str) -> Option<String> {
    let name = field.name();
    let plain = match field {
        Field::Anywhere => value.to_owned(),
        _ => format!("{name}:{value}"),
    };
    let whole = field.is_whole() || field.is_number() || field == Field::Anywhere;
    if whole && is_just(&plain, field, value) {
        return Some(plain);
    }
    match field {
        _ if field.is_number() => None,
        Field::Anywhere if value.is_empty() => None,
        Field::Anywhere => Some(quoted(value)),
        // Quotes where there is something that they protect.
        _ if value.is_empty()
            || value.contains(|c: char| !c.is_ascii_graphic() || "\"\\".contains(c)) =>
        {
            Some(format!("{name}:={}", quoted(value)))
        }
        _ => Some(format!("{name}:={value}")),
    }
}

/// Whether a plain term is read as nothing but this value.
fn is_just(plain: &str, field: Field, value: &str) -> bool {
    let read = terms(plain);
    matches!(read.as_deref(), Ok([term])
        if !term.negated && term.field == field && term.says.as_deref() == Some(value))
}

fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}
