//! Every path that a Rust source names, in `use` lines and inline.
//!
//! In: a source and the module that it is. Out: [`Name`]s, with `crate`, `self` and `super` resolved and the braces of a `use`
//! spread out. The source is cut into tokens as the compiler cuts it, so comments and string literals never count. Macros are
//! not expanded: a path inside one is seen only where it is written.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One path, or part of one, where a source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Counted from 1.
    pub line: usize,
    /// The segments; the first is `crate` for what is in the same crate, and the last may be `*`.
    pub path: Vec<String>,
    /// Whether it stands in a `use`.
    pub imported: bool,
    /// Whether it stands in an item under `#[cfg(test)]`.
    pub test: bool,
    /// Whether it stands in an attribute.
    pub attribute: bool,
}

impl Name {
    /// Whether these segments follow one another in the path.
    pub fn has(&self, segments: &[&str]) -> bool {
        self.path.windows(segments.len()).any(|at| at == segments)
    }

    /// Whether the path begins with these segments and is a path: a lone word is a variable or a field.
    pub fn begins(&self, segments: &[&str]) -> bool {
        self.path.len() >= segments.len()
            && self.path.iter().zip(segments).all(|(is, be)| is == be)
            && (self.imported || self.path.len() > 1)
    }
}

/// The names in a source that is the module `module` of its crate, such as `["app", "key"]`.
///
/// # Errors
/// When the source is not Rust, with what the tokenizer says.
pub fn names(source: &str, module: &[String]) -> Result<Vec<Name>, String> {
    let tokens: TokenStream = source.parse().map_err(|why| format!("not Rust: {why}"))?;
    let mut reader = Reader {
        names: Vec::new(),
        module: module.to_vec(),
        imported: false,
        test: false,
        attribute: false,
    };
    reader.read(tokens, &[]);
    Ok(reader.names)
}

struct Reader {
    names: Vec<Name>,
    module: Vec<String>,
    imported: bool,
    test: bool,
    attribute: bool,
}

impl Reader {
    /// Reads tokens that stand in the braces of a `use` after `prefix`, or anywhere else with no prefix.
    fn read(&mut self, tokens: TokenStream, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let before = (self.imported, self.test);
        // Whether the item that follows is under `#[cfg(test)]`.
        let mut test_item = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(word) if word == "as" && self.imported => at += 2,
                TokenTree::Ident(word) if word == "use" => {
                    // `use<'a>` of a return type imports nothing.
                    let captures = matches!(tokens.get(at + 1), Some(TokenTree::Punct(less)) if less.as_char() == '<');
                    self.imported = !captures;
                    at += 1;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    let body = tokens.get(at + 2).and_then(braces);
                    if let (Some(TokenTree::Ident(name)), Some(body)) = (tokens.get(at + 1), body) {
                        self.module.push(name.to_string());
                        self.read(body.stream(), &[]);
                        self.module.pop();
                        self.test = before.1;
                        at += 1;
                    }
                    at += 2;
                }
                TokenTree::Ident(_) => at = self.path(&tokens, at, prefix),
                TokenTree::Punct(star) if star.as_char() == '*' && !prefix.is_empty() => {
                    self.add(token, [prefix, &["*".to_owned()]].concat());
                    at += 1;
                }
                TokenTree::Punct(end) if end.as_char() == ';' => {
                    (self.imported, self.test) = before;
                    at += 1;
                }
                TokenTree::Punct(hash) if hash.as_char() == '#' => {
                    let group = tokens[at + 1..].iter().take(2).find_map(brackets);
                    if let Some(group) = group {
                        test_item |= group.stream().to_string().replace(' ', "") == "cfg(test)";
                        self.attribute = true;
                        self.read(group.stream(), &[]);
                        self.attribute = false;
                        at += tokens[at..]
                            .iter()
                            .position(|t| brackets(t).is_some())
                            .unwrap_or(0);
                    }
                    at += 1;
                    // The attribute was the last before its item when no other follows.
                    let more = matches!(tokens.get(at), Some(TokenTree::Punct(hash)) if hash.as_char() == '#');
                    if test_item && !more {
                        self.test = true;
                        test_item = false;
                    }
                }
                TokenTree::Group(group) => {
                    self.read(group.stream(), &[]);
                    if group.delimiter() == Delimiter::Brace {
                        self.test = before.1;
                    }
                    at += 1;
                }
                _ => at += 1,
            }
        }
        (self.imported, self.test) = before;
    }

    /// Reads the path that begins at the word `at`; returns where it ends.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, prefix: &[String]) -> usize {
        let first = &tokens[at];
        let mut path = prefix.to_vec();
        loop {
            if let TokenTree::Ident(word) = &tokens[at] {
                // In braces, `self` is what stands before them.
                if prefix.is_empty() || word != "self" {
                    path.push(word.to_string());
                }
            }
            at += 1;
            if !(is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))) {
                break;
            }
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(_)) => at += 2,
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.read(group.stream(), &path);
                    return at + 3;
                }
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                    path.push("*".to_owned());
                    at += 3;
                    break;
                }
                // Generic arguments: what follows them is no module.
                _ => break,
            }
        }
        self.add(first, path);
        at
    }

    fn add(&mut self, at: &TokenTree, path: Vec<String>) {
        let path = self.resolve(path);
        self.names.push(Name {
            line: at.span().start().line,
            path,
            imported: self.imported,
            test: self.test,
            attribute: self.attribute,
        });
    }

    /// A path from the root of the crate, where it says how to get there.
    fn resolve(&self, path: Vec<String>) -> Vec<String> {
        let up = path
            .iter()
            .take_while(|segment| *segment == "super")
            .count();
        let here = usize::from(up == 0 && path.len() > 1 && path[0] == "self");
        if up + here == 0 {
            return path;
        }
        let module = &self.module[..self.module.len().saturating_sub(up)];
        [&["crate".to_owned()], module, &path[up + here..]].concat()
    }
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(colon)) if colon.as_char() == ':')
}

fn braces(token: &TokenTree) -> Option<&Group> {
    group(token, Delimiter::Brace)
}

fn brackets(token: &TokenTree) -> Option<&Group> {
    group(token, Delimiter::Bracket)
}

fn group(token: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}
