//! A line of words, each with its role.

use crate::safe_text::SafeText;
use crate::theme::{GlyphSet, Role};

/// Words of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub text: SafeText,
    /// What they mean.
    pub role: Role,
}

/// Spans from left to right; also the content of a table cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// The spans.
    pub spans: Vec<Span>,
}

impl Line {
    /// A line without words.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one span.
    pub fn of(text: impl Into<SafeText>, role: Role) -> Self {
        Self::new().add(text, role)
    }

    /// The line with one more span.
    pub fn add(mut self, text: impl Into<SafeText>, role: Role) -> Self {
        self.spans.push(Span {
            text: text.into(),
            role,
        });
        self
    }

    /// The line with one more span of ordinary text.
    pub fn text(self, text: impl Into<SafeText>) -> Self {
        self.add(text, Role::Text)
    }

    /// This line, then the other.
    pub fn then(mut self, other: impl Into<Self>) -> Self {
        self.spans.extend(other.into().spans);
        self
    }

    /// Columns that it takes in Unicode glyphs.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| span.text.width()).sum()
    }

    /// True if there are no words.
    pub fn is_empty(&self) -> bool {
        self.spans.iter().all(|span| span.text.is_empty())
    }

    /// The words without their roles, and without blanks around them.
    pub fn words(&self) -> SafeText {
        let words: String = self.spans.iter().map(|span| span.text.as_str()).collect();
        SafeText::from(words.trim())
    }

    /// All words in one role, for instance dim because their source is lost.
    pub fn in_role(mut self, role: Role) -> Self {
        for span in &mut self.spans {
            span.role = role;
        }
        self
    }

    /// The line without who it names.
    pub(super) fn private(&self) -> Self {
        let hidden = |span: &Span| Span {
            text: span.text.private(),
            role: span.role,
        };
        Self {
            spans: self.spans.iter().map(hidden).collect(),
        }
    }

    /// The line in glyphs of this set, at most this many columns.
    pub(super) fn fitted(&self, glyphs: GlyphSet, columns: usize) -> Self {
        let mut room = columns;
        let mut out = Self::new();
        let mut spans = self
            .spans
            .iter()
            .map(|span| (glyphs.spell(&span.text), span.role))
            .peekable();
        while let Some((text, role)) = spans.next() {
            // A span that just fits still has to make room for the mark when more comes behind it.
            let more = spans.peek().is_some_and(|(next, _)| !next.is_empty());
            let width = text.width();
            if width < room || (width == room && !more) {
                room -= width;
                out = out.add(text, role);
            } else if width == room {
                let marked = SafeText::from(format!("{text}  "));
                return out.add(glyphs.cut(&marked, room), role);
            } else {
                return out.add(glyphs.cut(&text, room), role);
            }
        }
        out
    }
}

impl<T: Into<SafeText>> From<T> for Line {
    fn from(text: T) -> Self {
        Self::of(text, Role::Text)
    }
}

impl From<Span> for Line {
    fn from(span: Span) -> Self {
        Self { spans: vec![span] }
    }
}

impl From<Vec<Span>> for Line {
    fn from(spans: Vec<Span>) -> Self {
        Self { spans }
    }
}

/// The text in rows of at most this many columns, broken at blanks where there are some; no columns give no rows.
pub fn wrap(text: &SafeText, columns: usize) -> Vec<SafeText> {
    let mut rows = Vec::new();
    if columns == 0 {
        return rows;
    }
    let mut row = String::new();
    let mut used = 0;
    for word in text.as_str().split(' ') {
        let mut word = SafeText::from(word);
        if used > 0 && used + 1 + word.width() > columns {
            rows.push(SafeText::from(std::mem::take(&mut row)));
            used = 0;
        }
        if used > 0 {
            row.push(' ');
            used += 1;
        }
        while word.width() > columns {
            let head = format!("{word:.columns$}");
            let Some(rest) = word.as_str().get(head.len()..).filter(|_| !head.is_empty()) else {
                word = word.cut(columns);
                break;
            };
            let rest = SafeText::from(rest);
            rows.push(SafeText::from(head));
            word = rest;
        }
        used += word.width();
        row.push_str(word.as_str());
    }
    rows.push(SafeText::from(row));
    rows
}
